/** One invocation: its logs and its metrics. */

import { expect, test, vi } from "vitest";
import { instrumented } from "#service/adapters/invocation.ts";
import { integration, logger } from "#service/adapters/telemetry.ts";
import { context } from "#tests/lambda.ts";
import { logged, written } from "#tests/unit/output.ts";

test("an integration is timed and its failure counted", async () => {
  // given a handler whose call to another system fails
  const handler = instrumented((_event: object) =>
    integration("Warehouse", () => Promise.reject(new Error("no answer"))),
  );

  // when it is invoked
  await expect(handler({}, context())).rejects.toThrow("no answer");

  // then its metrics are written all the same
  const metrics = written().find((line) => "WarehouseErrors" in line);
  expect(metrics, "the failed call is not counted").toMatchObject({ WarehouseErrors: 1 });
  expect(metrics?.WarehouseLatency, "the failed call is not timed").toBeGreaterThanOrEqual(0);
});

test("what ends an invocation is logged", async () => {
  const handler = instrumented((_event: object) => Promise.reject(new RangeError("gone")));

  await expect(handler({}, context())).rejects.toThrow(RangeError);

  const [failed] = logged("The invocation failed");
  expect(failed).toMatchObject({
    level: "ERROR",
    error: { name: "RangeError", message: "gone" },
    function_request_id: context().awsRequestId,
  });
});

test("no key of one invocation reaches the next", async () => {
  const handler = instrumented(async ({ customer }: { customer?: string }) => {
    if (customer) {
      logger.appendKeys({ customer });
    }
    logger.info("Here");
  });

  await handler({ customer: "first" }, context());
  await handler({}, context());

  const [first, second] = logged("Here");
  expect(first).toHaveProperty("customer", "first");
  expect(second, "a key of one caller is logged for the next").not.toHaveProperty("customer");
});

test("the first invocation of a process counts as a cold start, and no other", async () => {
  // given a process that has just begun
  vi.resetModules();
  const fresh = await import("#service/adapters/invocation.ts");
  const handler = fresh.instrumented(async (_event: object) => {});

  await handler({}, context());
  await handler({}, context());

  expect(written().filter((line) => "ColdStart" in line)).toHaveLength(1);
});

test("the level of the logs is LogLevel, whatever Lambda lets through", () => {
  logger.debug("A detail");
  logger.info("An event");

  expect(written()).toMatchObject([{ message: "An event" }]);
});
