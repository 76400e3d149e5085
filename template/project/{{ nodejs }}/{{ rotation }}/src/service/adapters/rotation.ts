/**
 * Rotation of a secret: Secrets Manager calls the function once for each of four steps.
 *
 * createSecret generates a new value, setSecret makes the other system accept it, testSecret tries
 * it, finishSecret makes it the one in use. Secrets Manager repeats steps: each does its work once.
 * Until the last one the value in use stays, so a rotation that fails on its way stops nothing.
 *
 * For a while the old value and the new one are both in use: functions remember the old one until
 * it is refused or has aged. The other system must accept both, as it does when it keeps two keys.
 */

import {
  DescribeSecretCommand,
  GetRandomPasswordCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import type { SecretsManagerRotationEvent } from "aws-lambda";
import { bounded } from "#service/adapters/aws.ts";
import { type Handler, instrumented } from "#service/adapters/invocation.ts";
import { logger } from "#service/adapters/telemetry.ts";

export const CURRENT = "AWSCURRENT";
export const PENDING = "AWSPENDING";
export const LENGTH = 48; // characters

/** A step that only the owner of the secret can write is not written yet. */
export class NotWritten extends Error {
  override name = "NotWritten";
}

/** Secrets Manager has begun no rotation to this version. */
export class NotRotating extends Error {
  override name = "NotRotating";
}

/**
 * The two steps that differ from secret to secret. Both may be called again with the same values;
 * an error in them ends the rotation, and the current value stays.
 */
export interface Steps {
  setSecret(current: string, pending: string): Promise<void>;
  trySecret(pending: string): Promise<void>;
}

/** The stages of each version of a secret. */
type Stages = Record<string, string[]>;

const secrets = new SecretsManagerClient(bounded());

/** Turn the two steps into a Lambda handler. */
export function handler(steps: Steps): Handler<SecretsManagerRotationEvent, void> {
  return instrumented(async (event) => {
    const { SecretId: secret, ClientRequestToken: version, Step: step } = event;
    logger.appendKeys({ correlation_id: version });
    const described = await secrets.send(new DescribeSecretCommand({ SecretId: secret }));
    const stages = described.VersionIdsToStages as Stages;
    const own = stages[version] ?? [];
    if (own.includes(CURRENT)) {
      logger.info("The new value is in use already", { step });
      return;
    }
    if (!own.includes(PENDING)) {
      throw new NotRotating(`version ${version} of ${secret} is not pending`);
    }
    switch (step) {
      case "createSecret":
        await create(secret, version);
        break;
      case "setSecret":
        await steps.setSecret(await value(secret), await value(secret, version));
        break;
      case "testSecret":
        await steps.trySecret(await value(secret, version));
        break;
      case "finishSecret":
        await finish(secret, version, stages);
        break;
      default:
        throw new Error(`${step} is no step of a rotation`);
    }
    logger.info("A step of the rotation is done", { step });
  });
}

async function create(secret: string, version: string): Promise<void> {
  try {
    await value(secret, version);
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) {
      throw error;
    }
    const made = await secrets.send(
      new GetRandomPasswordCommand({ PasswordLength: LENGTH, ExcludePunctuation: true }),
    );
    await secrets.send(
      new PutSecretValueCommand({
        SecretId: secret,
        ClientRequestToken: version,
        SecretString: made.RandomPassword,
        VersionStages: [PENDING],
      }),
    );
  }
}

/** Return the value in use, or that of the version which is pending. */
async function value(secret: string, version?: string): Promise<string> {
  const which = version ? { VersionId: version, VersionStage: PENDING } : {};
  const found = await secrets.send(new GetSecretValueCommand({ SecretId: secret, ...which }));
  return found.SecretString as string;
}

async function finish(secret: string, version: string, stages: Stages): Promise<void> {
  const inUse = Object.entries(stages).filter(([, labels]) => labels.includes(CURRENT));
  const [before] = inUse.map(([one]) => one);
  await secrets.send(
    new UpdateSecretVersionStageCommand({
      SecretId: secret,
      VersionStage: CURRENT,
      MoveToVersionId: version,
      RemoveFromVersionId: before,
    }),
  );
}
