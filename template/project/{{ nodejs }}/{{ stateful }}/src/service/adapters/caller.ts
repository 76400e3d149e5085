/** Whose request is being answered: an idempotency key is its caller's own. */

import { AsyncLocalStorage } from "node:async_hooks";
import { Invalid } from "#service/adapters/validation.ts";

const served = new AsyncLocalStorage<string>();

/** Who calls, in whichever way it was proved; what it was not proved by is empty. */
export interface Principal {
  id: string; // alike in every session; "" where nobody is known
  proof: "" | "signature" | "token";
  scopes: ReadonlySet<string>; // of a token
  claims: Record<string, unknown>; // of a token, as API Gateway writes them
}

/** Return who has signed by IAM; all users of an identity pool share a role. */
export function bySignature(user?: string | null, pooled?: string | null): Principal {
  // The id of a role, AROA and more, is followed by the name of its session.
  const own = user?.startsWith("AROA") ? user.replace(/:.*/s, "") : user;
  const id = pooled || own || "";
  return { id, proof: id && "signature", scopes: new Set(), claims: {} };
}

/** Return whom a token is of that API Gateway has judged; one that names nobody is refused. */
export function byToken(claims: Record<string, unknown>): Principal {
  const id = String(claims.sub || claims.client_id || "");
  if (id === "") {
    throw new Invalid(["header Authorization: the token has neither sub nor client_id"]);
  }
  const granted = `${claims.scope ?? ""} ${String(claims.scp ?? "").replaceAll(/[[\]]/g, "")}`;
  return { id, proof: "token", scopes: new Set(granted.split(" ").filter(Boolean)), claims };
}

/** Answer a request of this caller. */
export function serving<Answer>(caller: string, answer: () => Promise<Answer>): Promise<Answer> {
  return served.run(caller, answer);
}

/** Return the caller's id, or "" where nobody is known: of a message, or of an open API. */
export function current(): string {
  return served.getStore() ?? "";
}
