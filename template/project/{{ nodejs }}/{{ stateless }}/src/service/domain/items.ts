/**
 * Items are received, processed and reported: the sample domain. Replace it with your own.
 *
 * Nothing here knows of AWS, and nothing is kept: each call answers from what it is given.
 */

import * as v from "valibot";

/** An item as somebody asks for it. */
export const NewItem = v.strictObject({
  name: v.pipe(v.string(), v.minLength(1), v.maxCodePoints(100)),
  quantity: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10_000)), // pieces
});
export type NewItem = v.InferOutput<typeof NewItem>;

/** An item as it was accepted, and as callers see it. */
export interface Item {
  item_id: string;
  name: string;
  quantity: number; // pieces
  status: "received" | "processed";
  received_at: string; // UTC
}

/** The day whose report is due, from its first moment to the first moment of the next. */
export interface ReportDue {
  day: string; // YYYY-MM-DD
  beginsAt: Date;
  endsAt: Date;
}

/** Accept an item under `id`: what is delivered twice is the same item. */
export function receive(given: NewItem, id: string): Item {
  return {
    item_id: id,
    name: given.name,
    quantity: given.quantity,
    status: "received",
    received_at: new Date().toISOString(),
  };
}

/** Do the work on an item. */
export function process(given: NewItem, id: string): Item {
  return { ...receive(given, id), status: "processed" };
}

/** Say which span of time the report of `day` covers. */
export function report(day: string): ReportDue {
  const beginsAt = new Date(`${day}T00:00:00Z`);
  const endsAt = new Date(beginsAt);
  endsAt.setUTCDate(endsAt.getUTCDate() + 1);
  return { day, beginsAt, endsAt };
}
