/** Secrets that Secrets Manager keeps. `secrets.ts` loads this where one is used. */

import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { bounded } from "#service/adapters/aws.ts";

const client = new SecretsManagerClient(bounded());

/** Return the value in use, if it is text. */
export async function fetched(SecretId: string): Promise<string | undefined> {
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId }));
  return SecretString;
}
