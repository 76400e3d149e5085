/**
 * The items' table.
 *
 * | what | pk | day | expires_at |
 * |---|---|---|---|
 * | an item | item#ID | day on which it was received | |
 * | the key of work already done | done#SCOPE#KEY | | when it may be forgotten |
 * | a report | report#DAY | | |
 */

import {
  type AttributeValue,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandOutput,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import * as v from "valibot";
import { bounded } from "#service/adapters/aws.ts";
import { variable } from "#service/adapters/environment.ts";
import * as probe from "#service/adapters/probe.ts";
import { integration } from "#service/adapters/telemetry.ts";
import { Item, type Report } from "#service/domain/items.ts";

// Fourteen days: as long as a queue can keep a message before it is delivered again.
export const REMEMBERED = 14 * 24 * 3600; // seconds

type Attributes = Record<string, AttributeValue>;

/** What `service/domain/items.ts` needs of a store, kept in DynamoDB. */
export class Store {
  readonly scope: string;
  readonly table = variable("TABLE_NAME");
  readonly client = new DynamoDBClient(bounded());

  /** Keys of work already done are told apart by `scope`, the function that does the work. */
  constructor(scope: string) {
    this.scope = scope;
    probe.check("table", () => this.#probe());
  }

  /**
   * Store `item` unless work under `key` is done already; return what is stored under `key`.
   *
   * Item and key are written together or not at all, so no crash can come between them.
   */
  async add(item: Item, key: string): Promise<Item> {
    const now = Math.floor(Date.now() / 1000);
    const done = { ...item, pk: `done#${this.scope}#${key}`, expires_at: now + REMEMBERED };
    const stored = { ...item, pk: `item#${item.item_id}`, day: item.received_at.slice(0, 10) };
    const writes = new TransactWriteItemsCommand({
      TransactItems: [
        {
          Put: {
            TableName: this.table,
            Item: marshall(done),
            ConditionExpression: "attribute_not_exists(pk) OR expires_at < :now",
            ExpressionAttributeValues: marshall({ ":now": now }),
            ReturnValuesOnConditionCheckFailure: "ALL_OLD",
          },
        },
        { Put: { TableName: this.table, Item: marshall(stored) } },
      ],
    });
    return integration("Table", async () => {
      try {
        await this.client.send(writes);
        return item;
      } catch (error) {
        const earlier = kept(error);
        if (earlier === undefined) {
          throw error;
        }
        return toItem(earlier);
      }
    });
  }

  /** Return the item, if there is one. */
  async get(itemId: string): Promise<Item | undefined> {
    const Key = marshall({ pk: `item#${itemId}` });
    const { Item: found } = await integration("Table", () =>
      this.client.send(new GetItemCommand({ TableName: this.table, Key })),
    );
    return found && toItem(found);
  }

  /** Yield the items received on `day`, page by page. */
  async *receivedOn(day: string): AsyncGenerator<Item> {
    let next: Attributes | undefined;
    do {
      const query = new QueryCommand({
        TableName: this.table,
        IndexName: "by-day",
        KeyConditionExpression: "#day = :day",
        ExpressionAttributeNames: { "#day": "day" },
        ExpressionAttributeValues: marshall({ ":day": day }),
        ExclusiveStartKey: next,
      });
      const page: QueryCommandOutput = await integration("Table", () => this.client.send(query));
      yield* (page.Items ?? []).map(toItem);
      next = page.LastEvaluatedKey;
    } while (next);
  }

  /** Store the report under its day; the same report again changes nothing. */
  async save({ day, ...sums }: Report): Promise<void> {
    const put = new PutItemCommand({
      TableName: this.table,
      Item: marshall({ pk: `report#${day}`, ...sums }),
    });
    await integration("Table", () => this.client.send(put));
  }

  /** Read the one key that every role may read, and that is never there. */
  async #probe(): Promise<void> {
    const Key = marshall({ pk: "probe" });
    await this.client.send(new GetItemCommand({ TableName: this.table, Key }));
  }
}

/** Return what was written under the key before, if that is why a write was refused. */
function kept(error: unknown): Attributes | undefined {
  return error instanceof TransactionCanceledException
    ? error.CancellationReasons?.find((reason) => reason.Item)?.Item
    : undefined;
}

/**
 * While a release shifts, the other version may have written more, or less than has a default:
 * the schema leaves out the one and completes the other.
 */
function toItem(attributes: Attributes): Item {
  return v.parse(Item, unmarshall(attributes));
}
