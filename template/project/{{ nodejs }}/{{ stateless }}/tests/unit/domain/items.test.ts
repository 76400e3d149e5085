/** The sample domain, tested without AWS. */

import { expect, test } from "vitest";
import { process, receive, report } from "#service/domain/items.ts";

const lamp = { name: "lamp", quantity: 2 };

test("an item is received under the id it is given", () => {
  expect(receive(lamp, "1")).toMatchObject({ ...lamp, item_id: "1", status: "received" });
});

test("an item is processed", () => {
  expect(process(lamp, "1").status).toBe("processed");
});

test("a report covers its whole day and no more", () => {
  const due = report("2026-11-19");
  expect(due.beginsAt).toEqual(new Date("2026-11-19T00:00:00Z"));
  expect(due.endsAt).toEqual(new Date("2026-11-20T00:00:00Z"));
});
