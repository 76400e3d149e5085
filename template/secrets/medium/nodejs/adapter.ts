/** Secrets that are parameters of Systems Manager. `secrets.ts` loads this where one is used. */

import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { bounded } from "#service/adapters/aws.ts";

const client = new SSMClient(bounded());

/** Return the value in use, decrypted. */
export async function fetched(Name: string): Promise<string | undefined> {
  const read = new GetParameterCommand({ Name, WithDecryption: true });
  const { Parameter } = await client.send(read);
  return Parameter?.Value;
}
