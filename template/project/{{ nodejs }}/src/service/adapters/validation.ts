/** Typed input: what comes from outside becomes a type of the domain, or a list of errors. */

import * as v from "valibot";

/** A schema of what may come from outside, such as `v.strictObject({ name: v.string() })`. */
export type Schema = v.StrictObjectSchema<v.ObjectEntries, undefined>;

/** What came from outside is not what it should be; `errors` has one line for each reason. */
export class Invalid extends Error {
  override name = "Invalid";
  readonly errors: string[];

  constructor(errors: string[]) {
    super(errors.join("; "));
    this.errors = errors;
  }
}

/** Read JSON by `schema`, or throw `Invalid` with every error in it. */
export function parse<S extends Schema>(content: string, schema: S): v.InferOutput<S> {
  const document = decoded(content);
  const { success, output, issues } = v.safeParse(schema, document);
  if (success) {
    return output;
  }
  const known = issues.filter((issue) => issue.expected !== "never").map(described);
  throw new Invalid([...unknownFields(document, schema), ...known]);
}

function decoded(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    throw new Invalid([`not JSON: ${(error as SyntaxError).message}`]);
  }
}

/** Name each field that nobody knows: valibot alone stops at the first. */
function unknownFields(document: unknown, schema: Schema): string[] {
  const given = typeof document === "object" ? Object.keys(document ?? {}) : [];
  return given.filter((name) => !(name in schema.entries)).map((name) => `${name}: unknown field`);
}

function described(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  const reason = issue.received === "undefined" ? "missing" : issue.message;
  return path === null ? reason : `${path}: ${reason}`;
}
