/** One invocation: its logs and its metrics. */

import { inspect } from "node:util";
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

test("of an error nothing is told that a library has put into it", async () => {
  // given an error with what was sent, and one more as its cause
  const sent = { config: { headers: { authorization: "private" }, data: "private" } };
  class Unanswered extends Error {
    override name = "Unanswered";
    toJSON() {
      return { ...this };
    }
  }
  const cause = Object.assign(new RangeError("too long"), sent, { cause: sent });
  const thrown = Object.assign(new Unanswered("gone", { cause }), sent);
  const handler = instrumented((_event: object) => Promise.reject(thrown));

  // when it ends an invocation
  const error = await handler({}, context()).catch((caught: unknown) => caught);

  // then it is what it was, for who logs it and for Lambda
  expect(error).toBeInstanceOf(Unanswered);
  expect(error).toMatchObject({ name: "Unanswered", message: "gone", stack: thrown.stack });
  const [failed] = logged("The invocation failed");
  const told = { name: "Unanswered", message: "gone", cause: { name: "RangeError" } };
  expect(failed).toMatchObject({ error: told });
  const all = [JSON.stringify(failed), JSON.stringify(error), inspect(error)];
  expect(all.filter((text) => text.includes("private"))).toEqual([]);
});

test.for([
  ["a reason", "a reason"],
  [{ config: "private" }, "an object that is no error"],
  [null, "an object that is no error"],
])("what is thrown and is no error becomes one: %j", async ([thrown, message]) => {
  const handler = instrumented((_event: object) => Promise.reject(thrown));

  await expect(handler({}, context())).rejects.toThrow(message as string);

  expect(logged("The invocation failed")).toMatchObject([{ error: { name: "Error", message } }]);
});

test("causes in a circle are told", async () => {
  const thrown = new Error("gone");
  thrown.cause = thrown;
  const handler = instrumented((_event: object) => Promise.reject(thrown));

  await expect(handler({}, context())).rejects.toThrow("gone");
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
