/**
 * The hook before traffic: CodeDeploy asks it whether a release may begin to serve.
 *
 * It is called for each function whose alias is about to move, and probes the new versions of all:
 * a release of which one function is broken is refused as a whole.
 */

import {
  CodeDeployClient,
  PutLifecycleEventHookExecutionStatusCommand,
} from "@aws-sdk/client-codedeploy";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { bounded } from "#service/adapters/aws.ts";
import { variable } from "#service/adapters/environment.ts";
import { instrumented } from "#service/adapters/invocation.ts";
import * as probe from "#service/adapters/probe.ts";
import { logger } from "#service/adapters/telemetry.ts";

interface LifecycleEvent {
  DeploymentId: string;
  LifecycleEventHookExecutionId: string;
}

const versions = variable("VERSIONS").split(","); // ARNs
// Thirty seconds, for a cold start and a read per adapter. Three tries end before the timeout of
// this function, which must report: CodeDeploy would wait for an hour.
export const functions = new LambdaClient(bounded({ requestTimeout: 30_000 }));
export const codedeploy = new CodeDeployClient(bounded());

export const handler = instrumented(async (event: LifecycleEvent): Promise<void> => {
  const judged = await Promise.all(versions.map(refusal));
  const refusals = judged.filter((reason) => reason !== undefined);
  for (const reason of refusals) {
    logger.error("A version may not serve", { reason });
  }
  const status = refusals.length > 0 ? "Failed" : "Succeeded";
  await codedeploy.send(
    new PutLifecycleEventHookExecutionStatusCommand({
      deploymentId: event.DeploymentId,
      lifecycleEventHookExecutionId: event.LifecycleEventHookExecutionId,
      status,
    }),
  );
  logger.info("The release is judged", { status, versions });
});

/** Return why a version may not serve, if it may not. */
async function refusal(version: string): Promise<string | undefined> {
  const name = version.split(":function:").at(-1);
  const Payload = JSON.stringify(probe.event);
  try {
    const answer = await functions.send(new InvokeCommand({ FunctionName: version, Payload }));
    const content = JSON.parse(answer.Payload?.transformToString() ?? "null");
    if (answer.FunctionError) {
      return `${name} fails its probe: ${content.errorMessage}`;
    }
    return content?.probed
      ? undefined
      : `${name} does not answer the probe: is its handler made by an adapter?`;
  } catch (error) {
    return `${name} cannot be probed: ${error}`;
  }
}
