/** The sample domain, tested without AWS. */

import { expect, test } from "vitest";
import { process, receive, report } from "#service/domain/items.ts";

const lamp = { name: "lamp", quantity: 2 };

test("each received item has an id of its own", () => {
  const first = receive(lamp);
  const second = receive(lamp);
  expect(first).toMatchObject({ ...lamp, status: "received" });
  expect(first.item_id).not.toBe(second.item_id);
});

test("an item is processed", () => {
  expect(process(lamp).status).toBe("processed");
});

test("a report covers its whole day and no more", () => {
  const due = report("2026-11-19");
  expect(due.beginsAt).toEqual(new Date("2026-11-19T00:00:00Z"));
  expect(due.endsAt).toEqual(new Date("2026-11-20T00:00:00Z"));
});
