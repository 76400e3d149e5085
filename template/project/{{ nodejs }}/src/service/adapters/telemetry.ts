/** Logs and metrics: one logger and one set of metrics for the whole function. */

import { Logger, LogLevelThreshold } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import type { Context } from "aws-lambda";

// Lambda lets all lines through, and its level would go before LogLevel.
delete process.env.AWS_LAMBDA_LOG_LEVEL;

export const logger = new Logger();
export const metrics = new Metrics();

// The console keeps to LogLevel too, and is silent on details: libraries tell there what they send.
const { INFO, WARN } = LogLevelThreshold;
const highest = { trace: 0, debug: 0, log: INFO, info: INFO, warn: WARN };
for (const [name, level] of Object.entries(highest)) {
  if (logger.level > level) {
    console[name as "log"] = () => {};
  }
}

/** Add to the metric `name`, written with the logs: no call to CloudWatch. */
export function count(name: string, value = 1): void {
  metrics.addMetric(name, MetricUnit.Count, value);
}

/**
 * Return an error with its class, name, message, stack and causes, and nothing else.
 *
 * The logger writes every property of an error, and so does Lambda. Libraries put there what was
 * sent: headers with their tokens, bodies, all that did not fit a schema.
 */
export function bare(error: unknown, causes = 5): Error {
  if (!(error instanceof Error)) {
    return new Error(typeof error === "object" ? "an object that is no error" : String(error));
  }
  const { name, message, stack, cause } = error;
  const told = cause === undefined || causes === 0 ? {} : { cause: bare(cause, causes - 1) };
  const kept = new Error(message, told);
  Object.setPrototypeOf(kept, Object.getPrototypeOf(error));
  return Object.defineProperties(kept, {
    name: { value: name },
    stack: { value: stack },
    toJSON: { value: undefined }, // of its class, which the logger would call
  });
}

/** Measure a call to another system: its latency in milliseconds and whether it failed. */
export async function integration<Result>(
  name: string,
  call: () => Promise<Result>,
): Promise<Result> {
  const start = process.uptime(); // seconds; `performance` takes a millisecond to load
  try {
    return await call();
  } catch (error) {
    count(`${name}Errors`);
    throw error;
  } finally {
    const latency = (process.uptime() - start) * 1000;
    metrics.addMetric(`${name}Latency`, MetricUnit.Milliseconds, latency);
  }
}

/**
 * Write the metric `name` by function and by version of it, for the gate of a release.
 *
 * The metrics above are those of the whole service. It is one line in the embedded metric format,
 * since older releases of Powertools write one set of dimensions only.
 */
export function byVersion(name: string, value: number, context: Context): void {
  const own = { FunctionName: context.functionName, ExecutedVersion: context.functionVersion };
  const written = {
    Namespace: process.env.POWERTOOLS_METRICS_NAMESPACE,
    Dimensions: [["FunctionName"], Object.keys(own)],
    Metrics: [{ Name: name, Unit: "None" }],
  };
  const head = { Timestamp: Date.now(), CloudWatchMetrics: [written] };
  // Not by the console, whose lines Lambda wraps into its own JSON.
  process.stdout.write(`${JSON.stringify({ _aws: head, ...own, [name]: value })}\n`);
}
