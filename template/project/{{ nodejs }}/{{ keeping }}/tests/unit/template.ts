/** What template.yaml declares. */

import { readFileSync } from "node:fs";
import { parse } from "yaml";

export interface Resource {
  Type: string;
  Properties: Record<string, unknown>;
}

/** The resources by their logical ids; `!Ref X`, `!GetAtt X` and `!Sub X` are read as the text X. */
export const resources: Record<string, Resource> = parse(readFileSync("template.yaml", "utf8"), {
  logLevel: "error", // a short form is a tag that YAML does not know
}).Resources;

export function resource(logicalId: string): Resource {
  const found = resources[logicalId];
  if (found === undefined) {
    throw new Error(`template.yaml has no ${logicalId}`);
  }
  return found;
}
