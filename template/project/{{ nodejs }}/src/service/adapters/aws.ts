/** What clients of AWS services have in common. Make each once, outside of the handler. */

import type { NodeHttpHandlerOptions } from "@smithy/types";

/**
 * Return the configuration of a client that cannot outlast its function: three tries of at most
 * three seconds each, on connections that are kept; `own` names times that differ.
 */
export function bounded(own: NodeHttpHandlerOptions = {}) {
  const requestHandler: NodeHttpHandlerOptions = {
    connectionTimeout: 1000, // milliseconds
    requestTimeout: 2000, // milliseconds
    throwOnRequestTimeout: true, // else it would only warn
    ...own,
  };
  return { maxAttempts: 3, requestHandler };
}
