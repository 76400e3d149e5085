/** Answers that are sent piece by piece: what a function with the setting `streaming` does. */

import { AsyncLocalStorage } from "node:async_hooks";
import { once } from "node:events";
import type { Writable } from "node:stream";
import { type Handler, instrumented } from "#service/adapters/invocation.ts";

/** What is sent in place of a body, each piece as soon as it is there. */
export interface Stream {
  type: string; // its media type
  pieces: AsyncIterable<string | Uint8Array>;
}

/** What callers are answered; the body stands in it or is streamed. */
export interface Answer {
  statusCode?: number | undefined;
  headers?: Record<string, string | number | boolean> | undefined;
  body?: string | undefined;
  isBase64Encoded?: boolean | undefined;
  stream?: Stream;
}

/**
 * Turn what answers events into a Lambda handler, which streams where template.yaml says so.
 *
 * An error before the first piece is told as any other is. Once one is sent, the caller has the
 * status: then an error ends the invocation and cuts the answer off, and the alarms see it.
 */
export function streamable<Event, Result extends Answer>(
  entry: (event: Event) => Promise<Result>,
): Handler<Event, Result> {
  if (process.env.STREAMS_ANSWERS === undefined) {
    return instrumented(async (event: Event) => whole(await entry(event)));
  }
  const streamed = awslambda.streamifyResponse<Event, void>(async (event, out, context) => {
    const sending = instrumented(async (given: Event) => send(await entry(given), out));
    const passed = await sending(event, context);
    if (passed !== undefined) {
      out.end(JSON.stringify(passed)); // to the probe, which is answered without headers
    }
  });
  return streamed as unknown as Handler<Event, Result>;
}

/** Let the pieces of a response be made in whose name it was: as if nothing had been answered. */
export function bound<Response extends { stream?: Stream }>(response: Response): Response {
  if (!response.stream) {
    return response;
  }
  const inside = AsyncLocalStorage.snapshot();
  const pieces = response.stream.pieces[Symbol.asyncIterator]();
  const iterator = { next: () => inside(() => pieces.next()) };
  const stream = { ...response.stream, pieces: { [Symbol.asyncIterator]: () => iterator } };
  return { ...response, stream };
}

async function send({ body, stream, ...head }: Answer, out: Writable): Promise<void> {
  const sent = awslambda.HttpResponseStream.from(out, head);
  sent.write(body ?? ""); // also where it is empty: the status goes with the first that is written
  for await (const piece of stream?.pieces ?? []) {
    if (!sent.write(piece)) {
      await once(sent, "drain");
    }
  }
  sent.end();
}

async function whole<Result extends Answer>({ stream, ...answer }: Result): Promise<Result> {
  if (!stream) {
    return answer as Result;
  }
  const pieces: (string | Uint8Array)[] = [];
  for await (const piece of stream.pieces) {
    pieces.push(piece);
  }
  if (pieces.every((piece) => typeof piece === "string")) {
    return { ...answer, body: pieces.join("") } as Result;
  }
  const body = Buffer.concat(pieces.map((piece) => Buffer.from(piece))).toString("base64");
  return { ...answer, body, isBase64Encoded: true } as Result;
}
