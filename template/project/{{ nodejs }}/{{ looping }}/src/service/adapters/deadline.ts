/** Remaining time: stop while there is still time to say what is left. */

import type { Context } from "aws-lambda";

// What ending an invocation in good order takes: the last log lines, the metrics, the answer.
const CLOSING = 500; // milliseconds

/**
 * Tells whether one more step fits in the invocation's remaining time.
 *
 * A step may take twice as long as the slowest so far. The first always fits: otherwise a function
 * with a short timeout would never do any work.
 */
export class Deadline {
  readonly #context: Pick<Context, "getRemainingTimeInMillis">;
  #slowest = 0; // milliseconds
  #started: number | undefined;

  constructor(context: Pick<Context, "getRemainingTimeInMillis">) {
    this.#context = context;
  }

  /** Call it before each step. */
  allowsAnotherStep(): boolean {
    const now = process.uptime() * 1000; // `performance` takes a millisecond to load
    const first = this.#started === undefined;
    this.#slowest = Math.max(this.#slowest, now - (this.#started ?? now));
    this.#started = now;
    return first || this.#context.getRemainingTimeInMillis() > 2 * this.#slowest + CLOSING;
  }
}
