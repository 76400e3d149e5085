/** A stand-in of AWS on this machine, started once for all tests. */

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { TestProject } from "vitest/node";

/** What tells a client of the tests themselves: no role is asked about its calls. */
export const TESTS = { customUserAgent: "tests" };

const PYTHON = ".venv/bin/python";

declare module "vitest" {
  interface ProvidedContext {
    server: string;
  }
}

export default async function setup(project: TestProject): Promise<() => void> {
  // Port 0: one that is free.
  const words = ["-m", "moto.server", "--host", "127.0.0.1", "--port", "0"];
  const server = spawn(PYTHON, words, { stdio: ["ignore", "ignore", "pipe"] });
  const found = await new Promise<string>((resolve, reject) => {
    server.on("error", reject);
    server.on("exit", () => reject(new Error("The stand-in of AWS did not start: `make setup`")));
    createInterface(server.stderr).on("line", (line) => {
      const [address] = line.match(/http:\/\/127\.0\.0\.1:\d+/) ?? [];
      if (address) {
        resolve(address);
      }
    });
  });
  project.provide("server", found);
  return () => {
    server.kill();
  };
}
