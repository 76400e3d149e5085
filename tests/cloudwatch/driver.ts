/** Runs handlers made by a service's own adapters, as driver.py does. */

import { createInterface } from "node:readline";
import * as httpApi from "#service/adapters/http-api.ts";
import * as schedule from "#service/adapters/schedule.ts";
import * as sqs from "#service/adapters/sqs.ts";

const BAD = "bad";

class Bad extends Error {
  override name = "Bad";
}

const HANDLERS: Record<string, (event: never, context: never) => Promise<unknown>> = {
  items: httpApi.handler(async (request) => {
    if (String(request.content).includes(BAD)) {
      throw new Bad();
    }
    return { status: 200, body: {} };
  }),
  report: schedule.handler(async (run) => {
    if (run.scheduledAt.getUTCFullYear() === 1999) {
      throw new Bad();
    }
  }),
  worker: sqs.handler(async (message) => {
    if (message.content.includes(BAD)) {
      throw new Bad();
    }
  }),
};

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  const context = {
    functionName: asked.function,
    functionVersion: asked.version,
    memoryLimitInMB: "512",
    invokedFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:f:live",
    awsRequestId: "c6af9ac6-7b61-11e6-9a41-93e812345678",
    getRemainingTimeInMillis: () => 60_000,
  };
  const outcome: { error: string | null; answer: unknown } = { error: null, answer: null };
  try {
    outcome.answer = (await HANDLERS[asked.handler]?.(asked.event as never, context as never)) ?? null;
  } catch (error) {
    outcome.error = (error as Error).name;
  }
  process.stdout.write(`${JSON.stringify({ outcome })}\n`);
}
