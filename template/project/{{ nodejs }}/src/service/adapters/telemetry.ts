/** Logs and metrics: one logger and one set of metrics, flushed once an invocation. */

import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import type { Context } from "aws-lambda";
import * as probe from "#service/adapters/probe.ts";

export const logger = new Logger();
const metrics = new Metrics();

/** What Lambda calls: it works on events, and answers the probe. */
export interface Handler<Event, Answer> {
  (event: Event, context: Context): Promise<Answer>;
  (event: typeof probe.event, context: Context): Promise<probe.Passed>;
}

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

/**
 * Clear the logger's keys before each invocation, log what ends it, flush its metrics.
 *
 * The probe is answered here, so `entry` never meets it.
 */
export function instrumented<Event, Answer>(
  entry: (event: Event, context: Context) => Promise<Answer>,
): Handler<Event, Answer> {
  async function handler(event: Event | typeof probe.event, context: Context) {
    logger.resetKeys();
    logger.refreshSampleRateCalculation();
    logger.addContext(context);
    metrics.captureColdStartMetric(context.functionName);
    try {
      return probe.asked(event) ? await probe.run() : await entry(event as Event, context);
    } catch (error) {
      logger.error("The invocation failed", { error });
      throw error;
    } finally {
      if (metrics.hasStoredMetrics()) {
        metrics.publishStoredMetrics();
      }
    }
  }
  return handler as Handler<Event, Answer>;
}
