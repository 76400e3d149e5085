/** Logs and metrics: one logger and one set of metrics for the whole function. */

import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";

export const logger = new Logger();
export const metrics = new Metrics();

/** Add to the metric `name`, written with the logs: no call to CloudWatch. */
export function count(name: string, value = 1): void {
  metrics.addMetric(name, MetricUnit.Count, value);
}

/** Measure a call to another system: its latency in milliseconds and whether it failed. */
export async function integration<Result>(
  name: string,
  call: () => Promise<Result>,
): Promise<Result> {
  const start = performance.now();
  try {
    return await call();
  } catch (error) {
    count(`${name}Errors`);
    throw error;
  } finally {
    metrics.addMetric(`${name}Latency`, MetricUnit.Milliseconds, performance.now() - start);
  }
}
