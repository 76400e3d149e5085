/** Whose request is being answered: an idempotency key is its caller's own. */

import { AsyncLocalStorage } from "node:async_hooks";

const served = new AsyncLocalStorage<string>();

/** Answer a request of this caller. */
export function serving<Answer>(caller: string, answer: () => Promise<Answer>): Promise<Answer> {
  return served.run(caller, answer);
}

/** Return the caller's id, or "" where nobody is known: of a message, or of an open API. */
export function current(): string {
  return served.getStore() ?? "";
}
