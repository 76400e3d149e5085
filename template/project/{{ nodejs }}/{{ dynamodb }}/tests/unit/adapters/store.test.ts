/** The items' table: each item once, under the key of the work that made it. */

import { QueryCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { expect, test, vi } from "vitest";
import * as probe from "#service/adapters/probe.ts";
import { REMEMBERED, Store } from "#service/adapters/store.ts";
import type { Item } from "#service/domain/items.ts";
import { dynamodb, stored } from "#tests/unit/table.ts";

const DAY = "2026-11-19";

function item(item_id: string, changes: Partial<Item> = {}): Item {
  const received_at = `${DAY}T23:59:00.000Z`;
  return { item_id, name: "lamp", quantity: 2, status: "received", received_at, ...changes };
}

test("an item comes back as it was stored", async () => {
  const store = new Store("tests");
  await store.add(item("1"), "k");
  expect(await store.get("1")).toEqual(item("1"));
  expect(await store.get("2")).toBeUndefined();
});

test("the same key stores nothing more and returns the first", async () => {
  const store = new Store("tests");
  await store.add(item("1"), "k");
  expect(await store.add(item("2"), "k")).toEqual(item("1"));
  expect(await store.get("2"), "work was done twice under one key").toBeUndefined();
});

test("what a later version has written can be read", async () => {
  const store = new Store("tests");
  await store.add(item("1"), "k");
  await dynamodb.send(
    new UpdateItemCommand({
      TableName: store.table,
      Key: { pk: { S: "item#1" } },
      UpdateExpression: "SET colour = :red",
      ExpressionAttributeValues: { ":red": { S: "red" } },
    }),
  );
  expect(await store.get("1"), "a release could not go back").toEqual(item("1"));
});

test("the probe reads the table and writes nothing", async () => {
  new Store("tests");
  expect((await probe.run()).probed).toContain("table");
  expect(await stored("")).toEqual([]);
  new Store("tests", "another");
  await expect(probe.run()).rejects.toThrow("table: ResourceNotFoundException");
});

test("another function may use the same key", async () => {
  await new Store("one").add(item("1"), "k");
  expect(await new Store("two").add(item("2"), "k")).toEqual(item("2"));
});

test("a key is forgotten when its time is over", async () => {
  // given a key that was used longer ago than keys are remembered
  const store = new Store("tests");
  await store.add(item("1"), "k");
  vi.spyOn(Date, "now").mockReturnValue(Date.now() + (REMEMBERED + 1) * 1000);

  // then it may stand for another item, though DynamoDB has not removed it yet
  expect(await store.add(item("2"), "k")).toEqual(item("2"));
});

test("only keys expire", async () => {
  await new Store("tests").add(item("1"), "k");
  const expiring = (await stored("")).filter((found) => "expires_at" in found);
  expect(expiring.map((found) => found.pk)).toEqual([{ S: "done#tests#k" }]);
});

test("the items of a day are found on every page", async () => {
  // given more items than one page holds, and one of another day
  const store = new Store("tests");
  for (const id of ["0", "1", "2", "3", "4"]) {
    await store.add(item(id), `k${id}`);
  }
  await store.add(item("other", { received_at: "2026-11-18T00:00:00.000Z" }), "k-other");
  const send = store.client.send.bind(store.client) as (command: QueryCommand) => Promise<object>;
  vi.spyOn(store.client, "send").mockImplementation((command: unknown) => {
    const { input } = command as QueryCommand;
    return send(new QueryCommand({ ...input, Limit: 2 }));
  });

  // then all of the day are found, and no other
  const found = new Set<string>();
  for await (const { item_id } of store.receivedOn(DAY)) {
    found.add(item_id);
  }
  expect(found).toEqual(new Set(["0", "1", "2", "3", "4"]));
});

test("the same report again changes nothing", async () => {
  const store = new Store("tests");
  for (const _ of [1, 2]) {
    await store.save({ day: DAY, items: 3, processed: 1, quantity: 6 });
  }
  const kept = await stored("");
  expect(kept).toHaveLength(1);
  expect(kept[0]).toMatchObject({ pk: { S: "report#2026-11-19" }, quantity: { N: "6" } });
});

test("an error of the table is not taken for work already done", async () => {
  const adding = new Store("tests", "no-such-table").add(item("1"), "k");
  await expect(adding).rejects.toThrow("not found");
});
