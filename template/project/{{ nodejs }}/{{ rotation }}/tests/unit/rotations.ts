/** How Secrets Manager begins a rotation, and what it has in use meanwhile. */

import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  RotateSecretCommand,
} from "@aws-sdk/client-secrets-manager";
import { CURRENT } from "#service/adapters/rotation.ts";
import { secretsManager } from "#tests/unit/secrets.ts";

/** Begin a rotation: make a pending version that has no value yet. */
export async function begin(SecretId: string, ClientRequestToken: string): Promise<void> {
  const RotationLambdaARN = "arn:aws:lambda:eu-west-1:123456789012:function:called-by-the-tests";
  try {
    await secretsManager.send(
      new RotateSecretCommand({ SecretId, ClientRequestToken, RotationLambdaARN }),
    );
  } catch (error) {
    // The stand-in has begun it, and does not find the function that it would call next.
    if (!(error instanceof ResourceNotFoundException)) {
      throw error;
    }
  }
}

export async function inUse(SecretId: string): Promise<string | undefined> {
  const read = new GetSecretValueCommand({ SecretId, VersionStage: CURRENT });
  return (await secretsManager.send(read)).SecretString;
}
