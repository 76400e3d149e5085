/** Typed input: every error is named, not only the first. */

import * as v from "valibot";
import { expect, test } from "vitest";
import { Invalid, parse } from "#service/adapters/validation.ts";

const Parcel = v.strictObject({
  label: v.string(),
  grams: v.pipe(v.number(), v.integer()),
  fragile: v.optional(v.boolean(), false),
});

function errorsOf(content: string | Uint8Array): string[] {
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

test.for(["constructor", "toString", "__proto__"])(
  "a key of every object is unknown: %s",
  (key) => {
    expect(errorsOf(`{"label": "A", "grams": 5, "${key}": 1}`)).toEqual([`${key}: unknown field`]);
  },
);

test("an unknown field of a field is told", () => {
  const Nested = v.strictObject({ parcel: Parcel });
  const nested = '{"parcel": {"label": "A", "grams": 5, "colour": "red"}}';
  expect(() => parse(nested, Nested)).toThrow("parcel.colour");
});

test.for([
  "",
  "{",
  '{"label": ',
  '\uFEFF{"label": "A", "grams": 5}',
  '{"label": "\\ud83d", "grams": 5}',
  '{"label": "A", "grams": 1e400}',
  "[".repeat(200_000),
  `${"[".repeat(100_000)}${"]".repeat(100_000)}`,
  new Uint8Array([0xff]),
])("what is no JSON is told so: %.40j", (content) => {
  const [error] = errorsOf(content);
  expect(error).toMatch(/^not JSON/);
});

test.for(["[]", "null", "7"])("JSON that is no object is told so: %s", (content) => {
  expect(errorsOf(content)).toEqual(["Expected `object`"]);
});

test.for(["5.0", "5e2", "9007199254740993"])("an integer is written as one: %s", (grams) => {
  expect(errorsOf(`{"label": "A", "grams": ${grams}}`)).toEqual(["grams: Invalid integer"]);
  const Weighed = v.strictObject({ grams: v.number() });
  expect(parse(`{"grams": ${grams}}`, Weighed)).toEqual({ grams: Number(grams) });
});

test.for(['{"label": "A", "grams": "private"}', '{"label": "A", "grams": private}'])(
  "an error does not repeat what was sent: %s",
  (content) => {
    const [error] = errorsOf(content);
    expect(error).toBeTruthy();
    expect(error).not.toContain("private");
  },
);

test("many errors are cut, and so is a long one", () => {
  const names = Array.from({ length: 500 }, (_, n) => `"${"x".repeat(500)}${n}": 1`);
  const errors = errorsOf(`{${names.join(", ")}}`);
  expect(errors).toHaveLength(100);
  expect(errors[0]).toHaveLength(200);
});
