/** Streams: pieces are sent as they come, and what breaks off is cut off. */

import { PassThrough, type Writable } from "node:stream";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import * as probe from "#service/adapters/probe.ts";
import { type Answer, type Stream, streamable } from "#service/adapters/streaming.ts";
import { context } from "#tests/lambda.ts";
import { logged } from "#tests/unit/output.ts";

type Streamed = (event: object, out: Writable, invocation: object) => Promise<void>;

/** What Lambda's runtime offers: the head goes before the first piece. */
const HttpResponseStream = {
  from(out: PassThrough, head: object): PassThrough {
    out.write(JSON.stringify(head));
    return out;
  },
};

beforeEach(() => {
  vi.stubEnv("STREAMS_ANSWERS", "true");
  vi.stubGlobal("awslambda", { HttpResponseStream, streamifyResponse: (given: Streamed) => given });
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

/** Return an answer of these pieces. */
function answer(pieces: Stream["pieces"]): Answer {
  return { statusCode: 200, stream: { type: "text/plain", pieces } };
}

/** Return a handler that streams, as Lambda calls it. */
function streaming(entry: (event: object) => Promise<Answer>): Streamed {
  return streamable(entry) as unknown as Streamed;
}

async function* pieces(...given: (string | Uint8Array)[]) {
  yield* given;
}

test("the head is sent, then each piece", async () => {
  const out = new PassThrough();
  await streaming(async () => answer(pieces("a", "b")))({}, out, context());
  expect(String(out.read())).toBe('{"statusCode":200}ab');
  expect(out.writableEnded).toBe(true);
});

test("a piece is sent before the next is made", async () => {
  const out = new PassThrough();
  async function* watched() {
    yield "a";
    expect(String(out.read())).toMatch(/a$/);
    yield "b";
  }
  await streaming(async () => answer(watched()))({}, out, context());
  expect(String(out.read())).toBe("b");
});

test("nothing is made for a caller who does not read", async () => {
  const out = new PassThrough({ highWaterMark: 1 });
  let made = 0;
  async function* counted() {
    for (; made < 2; made += 1) {
      yield "long";
    }
  }
  const sent = streaming(async () => answer(counted()))({}, out, context());
  await new Promise(setImmediate);
  expect(made).toBe(0);
  out.resume();
  await sent;
  expect(made).toBe(2);
});

test("an answer without pieces is sent whole", async () => {
  const out = new PassThrough();
  await streaming(async () => ({ statusCode: 400, body: "{}" }))({}, out, context());
  expect(String(out.read())).toBe('{"statusCode":400}{}');
});

test("an error on the way ends the invocation, and no answer", async () => {
  const out = new PassThrough();
  async function* broken() {
    yield "a";
    throw new RangeError("ours");
  }
  const sent = streaming(async () => answer(broken()))({}, out, context());
  await expect(sent).rejects.toThrow(RangeError);
  expect(out.writableEnded).toBe(false);
  expect(logged("The invocation failed")).toHaveLength(1);
});

test("the probe is answered", async () => {
  const out = new PassThrough();
  await streaming(() => Promise.reject(new Error("no work")))(probe.event, out, context());
  expect(String(out.read())).toMatch(/^{"probed":\["start"/);
});

test.for([
  ["text", ["a", "b"], { body: "ab" }],
  ["bytes", ["a", new Uint8Array([0xff])], { body: "Yf8=", isBase64Encoded: true }],
] as const)("where a function streams nothing, pieces are one body: %s", async ([_, all, body]) => {
  vi.stubEnv("STREAMS_ANSWERS", undefined);
  const handler = streamable(async () => answer(pieces(...all)));
  expect(await handler({}, context())).toEqual({ statusCode: 200, ...body });
});
