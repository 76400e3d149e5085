/** Until another process has ended that holds the same socket, this one waits. */

import { once } from "node:events";
import { rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { relative } from "node:path";

/** Wait until nobody holds the socket, then hold it until this process ends, however it does. */
export async function alone(path: string): Promise<void> {
  const socket = relative(process.cwd(), path); // a socket's path may have 100 characters
  while (!(await held(socket))) {
    const other = connect(socket).resume();
    try {
      await once(other, "close");
    } catch {
      await rm(socket, { force: true }); // whoever held it has ended without a word
    }
  }
}

async function held(socket: string): Promise<boolean> {
  const server = createServer((other) => other.unref());
  try {
    await once(server.listen(socket), "listening");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") {
      return false;
    }
    throw error;
  }
  server.unref();
  return true;
}
