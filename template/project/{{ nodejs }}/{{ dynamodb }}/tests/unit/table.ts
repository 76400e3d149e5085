/** A table like the deployed one, made anew for each test; the real one is never touched. */

import {
  type AttributeValue,
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  DynamoDBClient,
  ScanCommand,
} from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach } from "vitest";
import { TESTS } from "#tests/unit/server.ts";
import { resource } from "#tests/unit/template.ts";

export const dynamodb = new DynamoDBClient(TESTS);
const TableName = process.env.TABLE_NAME;

beforeEach(async () => {
  const { AttributeDefinitions, BillingMode, GlobalSecondaryIndexes, KeySchema } =
    resource("Table").Properties;
  const declared = { AttributeDefinitions, BillingMode, GlobalSecondaryIndexes, KeySchema };
  await dynamodb.send(
    new CreateTableCommand({ TableName, ...declared } as CreateTableCommandInput),
  );
});

afterEach(async () => {
  await dynamodb.send(new DeleteTableCommand({ TableName }));
});

/** Return what the table has under keys that begin with a prefix, such as "item#". */
export async function stored(prefix: string): Promise<Record<string, AttributeValue>[]> {
  const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName }));
  return Items.filter((item) => item.pk?.S?.startsWith(prefix));
}
