/**
 * Items are received, processed and reported: the sample domain. Replace it with your own.
 *
 * Nothing here knows of AWS: what must be kept is handed to a `Store`.
 */

import { randomUUID } from "node:crypto";
import * as v from "valibot";

/** An item as somebody asks for it. */
export const NewItem = v.strictObject({
  name: v.pipe(v.string(), v.minLength(1), v.maxCodePoints(100)),
  quantity: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10_000)), // pieces
});
export type NewItem = v.InferOutput<typeof NewItem>;

/** An item as it is kept, and as callers see it. */
export const Item = v.object({
  item_id: v.string(),
  name: v.string(),
  quantity: v.number(), // pieces
  status: v.picklist(["received", "processed"]),
  received_at: v.pipe(v.string(), v.isoTimestamp()), // UTC
});
export type Item = v.InferOutput<typeof Item>;

/** What came in on one day. */
export interface Report {
  day: string; // YYYY-MM-DD
  items: number;
  processed: number;
  quantity: number; // pieces
}

/** Where items are kept. */
export interface Store {
  /** Keep `item` unless one was kept under `key` before; return the one that is kept. */
  add(item: Item, key: string): Promise<Item>;
}

/** The key was used before, for another item. */
export class KeyReused extends Error {
  override name = "KeyReused";
}

/** Keep the item that `key` stands for, once; return it and whether this call kept it. */
export async function receive(
  given: NewItem,
  key: string,
  store: Store,
): Promise<{ item: Item; created: boolean }> {
  const item = received(given);
  const kept = await store.add(item, key);
  if (kept.name !== given.name || kept.quantity !== given.quantity) {
    throw new KeyReused(`key ${key} stands for another item`);
  }
  return { item: kept, created: kept.item_id === item.item_id };
}

/** Do the work on the item that `key` stands for, once. */
export async function process(given: NewItem, key: string, store: Store): Promise<Item> {
  return store.add({ ...received(given), status: "processed" }, key);
}

/** Sum up the items that were received on `day`. */
export async function report(day: string, items: AsyncIterable<Item>): Promise<Report> {
  const found: Report = { day, items: 0, processed: 0, quantity: 0 };
  for await (const item of items) {
    found.items += 1;
    found.processed += item.status === "processed" ? 1 : 0;
    found.quantity += item.quantity;
  }
  return found;
}

function received(given: NewItem): Item {
  return {
    item_id: randomUUID(),
    name: given.name,
    quantity: given.quantity,
    status: "received",
    received_at: new Date().toISOString(),
  };
}
