/** A stand-in of AWS on this machine, started once for all tests. */

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { TestProject } from "vitest/node";

/** What tells a client of the tests themselves: no role is asked about its calls. */
export const TESTS = { customUserAgent: "tests" };

declare module "vitest" {
  interface ProvidedContext {
    server: string;
  }
}

export default async function setup(project: TestProject): Promise<() => void> {
  const words = ["-m", "moto.server", "--host", "127.0.0.1", "--port", "0"]; // one that is free
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith("AWS_"));
  const server = spawn(".venv/bin/python", words, {
    env: Object.fromEntries(own), // it calls AWS where a variable says so
    stdio: ["ignore", "ignore", "pipe"],
  });
  const address = new Promise<string>((resolve, reject) => {
    const failed = new Error("Install what the tests need: make setup");
    server.on("error", () => reject(failed));
    server.on("exit", () => reject(failed));
    createInterface(server.stderr).on("line", (line) => {
      const [found] = line.match(/http:\/\/127\.0\.0\.1:\d+/) ?? [];
      if (found) {
        resolve(found);
      }
    });
  });
  project.provide("server", await address);
  return () => {
    server.kill();
  };
}
