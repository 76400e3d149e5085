/** What the service writes is kept from the terminal, and can be asked for. */

import { beforeEach, vi } from "vitest";

let lines: string[] = [];

beforeEach(() => {
  lines = [];
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, "write").mockImplementation((chunk) => {
      lines.push(...String(chunk).trimEnd().split("\n"));
      return true;
    });
  }
});

/** Return what this test has had written, as CloudWatch would get it. */
export function written(): Record<string, unknown>[] {
  return lines.map((line) => JSON.parse(line));
}

/** Return what was logged with a message. */
export function logged(message: string): Record<string, unknown>[] {
  return written().filter((line) => line.message === message);
}
