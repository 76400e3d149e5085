/** One invocation: what every handler does before and after its work. */

import type { Context } from "aws-lambda";
import * as probe from "#service/adapters/probe.ts";
import { bare, logger, metrics } from "#service/adapters/telemetry.ts";

/** What Lambda calls: it works on events, and answers the probe. */
export interface Handler<Event, Answer> {
  (event: Event, context: Context): Promise<Answer>;
  (event: typeof probe.event, context: Context): Promise<probe.Passed>;
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
    // Of what is empty nothing is written: the log group tells of both.
    logger.addContext({ ...context, invokedFunctionArn: "", memoryLimitInMB: "" });
    metrics.captureColdStartMetric(context.functionName);
    try {
      return probe.asked(event) ? await probe.run() : await entry(event as Event, context);
    } catch (failure) {
      const error = bare(failure); // Lambda logs it once more
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
