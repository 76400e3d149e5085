/** Runs handlers made by a service's own adapters, as driver.py does. */

import { createInterface } from "node:readline";
import * as items from "#service/domain/items.ts";

type Handler = (event: never, context: never) => Promise<unknown>;
type Adapter = { handler: (work: (given: any) => Promise<unknown>) => Handler };

class Bad extends Error {
  override name = "Bad";
}

async function take(given: {
  body: (schema: typeof items.NewItem) => unknown;
}): Promise<void> {
  try {
    await given.body(items.NewItem);
  } catch (error) {
    throw (error as Error).name === "Invalid" ? new Bad() : error;
  }
}

const SHAPES: Record<string, (adapter: Adapter) => Handler> = {
  hook: (adapter) =>
    adapter.handler(async (trigger) => {
      if (trigger.user === "poison") {
        throw new Bad();
      }
    }),
  request: (adapter) =>
    adapter.handler(async (request) => {
      await take(request);
      return { status: 200, body: {} };
    }),
  run: (adapter) =>
    adapter.handler(async (run) => {
      if (run.scheduledAt.getUTCFullYear() === 1999) {
        throw new Bad();
      }
    }),
  step: (adapter) =>
    adapter.handler(async (step) => {
      await take({ body: (schema) => step.input(schema) });
      return {};
    }),
  work: (adapter) => adapter.handler(async (record) => take(record)),
};

const HANDLERS: Record<string, Handler> = {};
for (const [kind, shape] of Object.entries<string>(JSON.parse(process.argv[2] ?? ""))) {
  const adapter = await import(`#service/adapters/${kind.replaceAll("_", "-")}.ts`);
  HANDLERS[kind] = SHAPES[shape]?.(adapter) as Handler;
}

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
    outcome.answer = (await HANDLERS[asked.kind]?.(asked.event as never, context as never)) ?? null;
  } catch (error) {
    outcome.error = (error as Error).name;
  }
  process.stdout.write(`${JSON.stringify({ outcome })}\n`);
}
