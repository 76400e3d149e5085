/**
 * The items' table.
 *
 * | what | pk | day | expires_at |
 * |---|---|---|---|
 * | an item | item#ID | day on which it was received | |
 * | the key of work already done | done#SCOPE#KEY | | when it may be forgotten |
 * | an equal key of another caller | done#SCOPE@CALLER#KEY | | when it may be forgotten |
 * | a report | report#DAY | | |
 *
 * `key_owner` is the caller whose key it is. A key without one is of a message, of an open API, or
 * of a version that did not write it yet: it stands for the same work whoever sends it.
 */

import {
  type AttributeValue,
  DynamoDBClient,
  GetItemCommand,
  type Put,
  PutItemCommand,
  QueryCommand,
  type QueryCommandOutput,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import * as v from "valibot";
import { bounded } from "#service/adapters/aws.ts";
import * as caller from "#service/adapters/caller.ts";
import { variable } from "#service/adapters/environment.ts";
import * as probe from "#service/adapters/probe.ts";
import { integration } from "#service/adapters/telemetry.ts";
import { Item, type Report } from "#service/domain/items.ts";

// Fourteen days: as long as a queue can keep a message before it is delivered again.
export const REMEMBERED = 14 * 24 * 3600; // seconds
const LONGEST_PK = 2048; // bytes: DynamoDB refuses to look for more

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
   * Item and key are written together or not at all, so no crash can come between them. Work of
   * another caller under an equal key is neither returned nor in the way.
   */
  async add(item: Item, key: string): Promise<Item> {
    const owner = caller.current();
    let earlier = await this.#addOnce(item, `done#${this.scope}#${key}`, owner);
    if (earlier?.key_owner && earlier.key_owner.S !== owner) {
      const pk = `done#${this.scope}@${owner}#${key}`;
      earlier = await this.#addOnce(item, pk, owner, earlier);
    }
    return earlier ? toItem(earlier) : item;
  }

  /**
   * Store `item` and its key, or return what is stored under it.
   *
   * The equal key of another caller is then remembered as long: ours is looked for beside it.
   */
  async #addOnce(
    item: Item,
    pk: string,
    owner: string,
    others?: Attributes,
  ): Promise<Attributes | undefined> {
    const now = Math.floor(Date.now() / 1000);
    const done = { ...item, pk, expires_at: now + REMEMBERED, ...(owner && { key_owner: owner }) };
    const stored = { ...item, pk: `item#${item.item_id}`, day: item.received_at.slice(0, 10) };
    const puts: Omit<Put, "TableName">[] = [
      {
        Item: marshall(done),
        ConditionExpression: "attribute_not_exists(pk) OR expires_at < :now",
        ExpressionAttributeValues: marshall({ ":now": now }),
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      },
      { Item: marshall(stored) },
    ];
    if (others) {
      puts.push({
        Item: { ...others, ...marshall({ expires_at: done.expires_at }) },
        ConditionExpression: "key_owner = :owner",
        ExpressionAttributeValues: marshall({ ":owner": others.key_owner?.S }),
      });
    }
    const writes = new TransactWriteItemsCommand({
      TransactItems: puts.map((put) => ({ Put: { TableName: this.table, ...put } })),
    });
    return integration("Table", async () => {
      try {
        await this.client.send(writes);
        return undefined;
      } catch (error) {
        const earlier = kept(error);
        if (earlier === undefined) {
          throw error;
        }
        return earlier;
      }
    });
  }

  /** Return the item, if there is one. */
  async get(itemId: string): Promise<Item | undefined> {
    const pk = `item#${itemId}`;
    if (Buffer.byteLength(pk) > LONGEST_PK) {
      return undefined;
    }
    const Key = marshall({ pk });
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
  const { success, output, issues } = v.safeParse(Item, unmarshall(attributes));
  if (!success) {
    // The messages of valibot quote what is stored: logs are no place for it.
    const wrong = issues.map((issue) => `${v.getDotPath(issue)}: Invalid ${issue.type}`);
    throw new Error(`what is stored is no item: ${wrong.join("; ")}`);
  }
  return output;
}
