/** The sample domain, tested without AWS. */

import { expect, test } from "vitest";
import {
  type Item,
  KeyReused,
  process,
  receive,
  report,
  type Store,
} from "#service/domain/items.ts";

const lamp = { name: "lamp", quantity: 2 };

/** Return a store for tests. */
function memory(): Store {
  const kept = new Map<string, Item>();
  return {
    async add(item, key) {
      const found = kept.get(key) ?? item;
      kept.set(key, found);
      return found;
    },
  };
}

test("an item is received once under its key", async () => {
  const store = memory();
  const first = await receive(lamp, "k", store);
  const again = await receive(lamp, "k", store);
  expect([first.created, again.created]).toEqual([true, false]);
  expect(again.item).toEqual(first.item);
});

test("a key stands for one item only", async () => {
  const store = memory();
  await receive(lamp, "k", store);
  await expect(receive({ ...lamp, quantity: 3 }, "k", store)).rejects.toThrow(KeyReused);
});

test("an item is processed once under its key", async () => {
  const store = memory();
  const first = await process(lamp, "k", store);
  const again = await process(lamp, "k", store);
  expect(first.status).toBe("processed");
  expect(again.item_id).toBe(first.item_id);
});

test("a report sums up its day", async () => {
  async function* items(): AsyncGenerator<Item> {
    for (const [index, status] of (["received", "processed", "processed"] as const).entries()) {
      const received_at = "2026-11-19T12:00:00Z";
      yield { item_id: `${index}`, name: "lamp", quantity: index + 1, status, received_at };
    }
  }
  const found = await report("2026-11-19", items());
  expect(found).toEqual({ day: "2026-11-19", items: 3, processed: 2, quantity: 6 });
});
