/**
 * The hook before traffic: CodeDeploy asks it whether a new version may begin to serve.
 *
 * It is called for each function whose alias is about to move, and probes the version that this
 * deployment moves it to. One that is refused ends the release.
 */

import {
  CodeDeployClient,
  GetApplicationRevisionCommand,
  GetDeploymentCommand,
  PutLifecycleEventHookExecutionStatusCommand,
} from "@aws-sdk/client-codedeploy";
import {
  GetFunctionConcurrencyCommand,
  InvokeCommand,
  type InvokeCommandOutput,
  LambdaClient,
  TooManyRequestsException,
} from "@aws-sdk/client-lambda";
import type { Context } from "aws-lambda";
import { bounded } from "#service/adapters/aws.ts";
import { instrumented } from "#service/adapters/invocation.ts";
import * as probe from "#service/adapters/probe.ts";
import { logger } from "#service/adapters/telemetry.ts";

interface LifecycleEvent {
  DeploymentId: string;
  LifecycleEventHookExecutionId: string;
}

// Thirty seconds, for a cold start and a read per adapter.
export const functions = new LambdaClient(bounded({ requestTimeout: 30_000 }));
export const codedeploy = new CodeDeployClient(bounded());

// All concurrency of the account is in use, the role got its permission seconds ago, or the version
// is not ready: Lambda still prepares it.
const PASSING = [
  "TooManyRequestsException",
  "ThrottlingException",
  "AccessDeniedException",
  "ResourceConflictException",
  "ResourceNotReadyException",
];
const PAUSE = 2000; // milliseconds
// Why a call is refused where what is reserved for the function is in use, or where that is nothing.
const RESERVED = "ReservedFunctionConcurrentInvocationLimitExceeded";
// A probe takes up to three tries of thirty seconds, and this function must report before its
// timeout: CodeDeploy would wait for an hour.
const LAST_TRY = 100_000; // milliseconds before the timeout

export const handler = instrumented(async (event: LifecycleEvent, context): Promise<void> => {
  const reason = await refusal(event.DeploymentId, context);
  if (reason) {
    logger.error("A version may not serve", { reason });
  }
  const status = reason ? "Failed" : "Succeeded";
  await codedeploy.send(
    new PutLifecycleEventHookExecutionStatusCommand({
      deploymentId: event.DeploymentId,
      lifecycleEventHookExecutionId: event.LifecycleEventHookExecutionId,
      status,
    }),
  );
  logger.info("The version is judged", { status });
});

/** Return why the version that a deployment moves traffic to may not serve, if it may not. */
async function refusal(deployment: string, context: Context): Promise<string | undefined> {
  let name: string;
  try {
    name = await patiently(context, () => moved(deployment));
  } catch (error) {
    return `What ${deployment} deploys cannot be read: ${error}`;
  }
  try {
    const answer = await patiently(context, () => probed(name));
    const content = JSON.parse(answer.Payload?.transformToString() ?? "null");
    if (answer.FunctionError) {
      return `${name} fails its probe: ${content.errorMessage}`;
    }
    return content?.probed
      ? undefined
      : `${name} does not answer the probe: is its handler made by an adapter?`;
  } catch (error) {
    if (error instanceof StoppedError) {
      logger.warn("A version is not probed: its function is stopped", { version: name });
      return undefined;
    }
    return `${name} cannot be probed: ${error}`;
  }
}

/** Nobody may call the function, until `make start`. */
class StoppedError extends Error {}

/** Return what a version answers to the probe. */
async function probed(name: string): Promise<InvokeCommandOutput> {
  const command = { FunctionName: name, Payload: JSON.stringify(probe.event) };
  try {
    return await functions.send(new InvokeCommand(command));
  } catch (error) {
    if (error instanceof TooManyRequestsException && error.Reason === RESERVED) {
      const asked = { FunctionName: name.slice(0, name.lastIndexOf(":")) };
      const kept = await functions.send(new GetFunctionConcurrencyCommand(asked));
      if (kept.ReservedConcurrentExecutions === 0) {
        throw new StoppedError();
      }
    }
    throw error;
  }
}

/** Return function and version, as `name:7`, that a deployment moves its alias to. */
async function moved(deploymentId: string): Promise<string> {
  const asked = new GetDeploymentCommand({ deploymentId });
  const { deploymentInfo: info } = await codedeploy.send(asked);
  // It gives only the hash of what is deployed.
  const { revision } = await codedeploy.send(
    new GetApplicationRevisionCommand({
      applicationName: info?.applicationName,
      revision: info?.revision,
    }),
  );
  const content = (revision?.string ?? revision?.appSpecContent)?.content ?? "";
  return `${value(content, "Name")}:${value(content, "TargetVersion")}`;
}

/** Return the value of a key of an AppSpec, which is written in JSON or YAML. */
function value(content: string, key: string): string {
  const found = new RegExp(`\\b${key}"?\\s*:\\s*["']?([\\w$:-]+)`).exec(content)?.[1];
  if (!found) {
    throw new Error(`its revision has no ${key}: ${content}`);
  }
  return found;
}

/** Return what a call answers; repeat it while what refuses it may pass by itself. */
async function patiently<T>(context: Context, call: () => Promise<T>): Promise<T> {
  while (true) {
    try {
      return await call();
    } catch (error) {
      const passing = error instanceof Error && PASSING.includes(error.name);
      if (!passing || context.getRemainingTimeInMillis() < LAST_TRY) {
        throw error;
      }
    }
    await new Promise((later) => setTimeout(later, PAUSE));
  }
}
