/** What clients of AWS services have in common. Make each once, outside of the handler. */

/**
 * Return the configuration of a client: a function must not spend its own timeout on waiting, so
 * there are three tries of at most three seconds each. Connections are kept between invocations.
 */
export function bounded({ requestTimeout = 2000 } = {}) {
  return {
    maxAttempts: 3,
    requestHandler: {
      connectionTimeout: 1000, // milliseconds
      requestTimeout, // milliseconds
      throwOnRequestTimeout: true, // else it only warns
    },
  };
}
