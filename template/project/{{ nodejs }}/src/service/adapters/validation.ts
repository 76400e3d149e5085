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
  // valibot names the first unknown field and no other.
  const unknown = Object.keys(document).filter((name) => !(name in schema.entries));
  const known = issues.filter((issue) => issue.expected !== "never");
  throw new Invalid([...unknown.map((name) => `${name}: unknown field`), ...known.map(described)]);
}

function decoded(content: string): object {
  let document: unknown;
  try {
    document = JSON.parse(content);
  } catch (error) {
    throw new Invalid([`not JSON: ${(error as SyntaxError).message}`]);
  }
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    throw new Invalid(["not a JSON object"]);
  }
  return document;
}

function described(issue: v.BaseIssue<unknown>): string {
  return `${v.getDotPath(issue)}: ${issue.received === "undefined" ? "missing" : issue.message}`;
}
