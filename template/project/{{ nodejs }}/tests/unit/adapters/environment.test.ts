/** The function's environment: what is missing is told when the function starts. */

import { expect, test, vi } from "vitest";
import { variable } from "#service/adapters/environment.ts";

test("a variable is read", () => {
  vi.stubEnv("LEDGER", "main");
  expect(variable("LEDGER")).toBe("main");
});

test("a variable that is missing is named", () => {
  expect(() => variable("LEDGER")).toThrow("Set LEDGER in template.yaml");
});
