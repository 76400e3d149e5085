/** Typed input: every error is named, not only the first. */

import * as v from "valibot";
import { expect, test } from "vitest";
import { Invalid, parse } from "#service/adapters/validation.ts";

const Parcel = v.strictObject({
  label: v.string(),
  grams: v.number(),
  fragile: v.optional(v.boolean(), false),
});

function errorsOf(content: string): string[] {
  try {
    parse(content, Parcel);
  } catch (error) {
    expect(error).toBeInstanceOf(Invalid);
    return (error as Invalid).errors;
  }
  return [];
}

test("good input becomes the type", () => {
  const parcel = parse('{"label": "A", "grams": 5}', Parcel);
  expect(parcel).toEqual({ label: "A", grams: 5, fragile: false });
});

test("each error is told", () => {
  const errors = errorsOf('{"grams": "heavy", "fragile": 1, "colour": "red", "size": 2}');
  const fields = errors.map((error) => error.split(":")[0]);
  expect(fields).toEqual(["colour", "size", "label", "grams", "fragile"]);
});

test("a field that is missing is called so", () => {
  expect(errorsOf('{"grams": 5}')).toEqual(["label: missing"]);
});

test.for(["", "{", '{"label": '])("what is no JSON is told so: %j", (content) => {
  const [error] = errorsOf(content);
  expect(error).toMatch(/^not JSON/);
});

test.for(["[]", "null", "7"])("JSON that is no object is told so: %s", (content) => {
  expect(errorsOf(content)).toEqual(["not a JSON object"]);
});
