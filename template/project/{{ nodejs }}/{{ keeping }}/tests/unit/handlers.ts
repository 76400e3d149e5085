/** Setup of each file of tests: those of a handler are compared with its role. */

import { basename, dirname } from "node:path";
import { expect } from "vitest";

const path = String(expect.getState().testPath);
if (basename(dirname(path)) === "handlers") {
  const { compareCalls } = await import("#tests/unit/role.ts"); // the others need not wait for it
  compareCalls(basename(path, ".test.ts"));
}
