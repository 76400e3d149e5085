/** Typed input: what comes from outside becomes a type of the domain, or a list of errors. */

import * as v from "valibot";

/** A schema of what may come from outside, such as `v.strictObject({ name: v.string() })`. */
export type Schema = v.StrictObjectSchema<v.ObjectEntries, undefined>;

// An error names what was sent: without bounds, the answer could be larger than Lambda may return.
const MOST_ERRORS = 100;
const LONGEST_ERROR = 200; // characters

// What a message quotes of the input is left out: answers and logs are no place for it.
const QUOTED = /, (?:\.{3})?"/; // of JSON.parse
const RECEIVED = /(?:: R| but r)eceived .*/s; // of valibot

/** What came from outside is not what it should be; `errors` has one line for each reason. */
export class Invalid extends Error {
  override name = "Invalid";
  readonly errors: string[];

  constructor(errors: string[]) {
    const told = errors.slice(0, MOST_ERRORS).map((error) => error.slice(0, LONGEST_ERROR));
    super(told.join("; "));
    this.errors = told;
  }
}

/** Read JSON by `schema`, or throw `Invalid` with every error in it. */
export function parse<S extends Schema>(content: string | Uint8Array, schema: S): v.InferOutput<S> {
  const text = decoded(content);
  const document = object(text);
  const { output, issues = [] } = v.safeParse(schema, document, { abortPipeEarly: true });
  // valibot names the first unknown field and no other.
  const unknown = Object.keys(document).filter((name) => !Object.hasOwn(schema.entries, name));
  const known = issues.filter(({ expected, path }) => expected !== "never" || path?.length !== 1);
  const wrong = new Map([...known.map(described), ...inexact(text, schema)]);
  const errors = [
    ...unknown.map((name) => `${name}: unknown field`),
    ...wrong.entries().map(([name, error]) => `${name}: ${error}`),
  ];
  if (errors.length > 0) {
    throw new Invalid(errors);
  }
  return output as v.InferOutput<S>;
}

/** Bytes that are no UTF-8 are no text: a lenient decoder would put other characters there. */
function decoded(content: string | Uint8Array): string {
  if (typeof content === "string") {
    return content;
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    throw new Invalid(["not JSON: not UTF-8"]);
  }
}

/** What a reviver of `JSON.parse` is given of a value: for a number, as it is written. */
type Context = { source?: string };

function object(text: string): object {
  let document: unknown;
  try {
    document = JSON.parse(text, valid);
  } catch (error) {
    const { message } = error as SyntaxError;
    const told = error instanceof RangeError ? "nested too deeply" : message.split(QUOTED)[0];
    throw new Invalid([`not JSON: ${told}`]);
  }
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    throw new Invalid(["Expected `object`"]);
  }
  return document;
}

/** Refuse what `JSON.parse` reads and other languages do not. */
function valid(key: string, value: unknown): unknown {
  if (!key.isWellFormed() || (typeof value === "string" && !value.isWellFormed())) {
    throw new SyntaxError("half a surrogate pair");
  }
  if (value === Infinity || value === -Infinity) {
    throw new SyntaxError("a number is out of range");
  }
  return value;
}

/** Find integers that are not written as such, or too large to be exact: none of them is one. */
function inexact(text: string, schema: Schema): [string, string][] {
  if (!/\d[.e]|\d{16}/i.test(text)) {
    return [];
  }
  const document = JSON.parse(text, (_, value: unknown, { source = "" }: Context = {}) => {
    const exact = Number.isSafeInteger(value) && !/[.e]/i.test(source);
    return typeof value === "number" && !exact ? 0.5 : value;
  });
  const { issues = [] } = v.safeParse(schema, document);
  return issues
    .filter(({ type }) => type === "integer")
    .map((issue) => [`${v.getDotPath(issue)}`, "Invalid integer"]);
}

function described(issue: v.BaseIssue<unknown>): [string, string] {
  return [
    `${v.getDotPath(issue)}`,
    issue.received === "undefined" ? "missing" : issue.message.replace(RECEIVED, ""),
  ];
}
