/** Judge what npm has found: a known vulnerability stops a delivery, unless it is accepted.
 *
 *     npm audit --omit=dev --json | node tools/audit.ts GHSA-...
 */

import { text } from "node:stream/consumers";

interface Advisory {
  name: string;
  range: string;
  severity: string;
  title: string;
  url: string;
}

interface Report {
  message?: string;
  vulnerabilities?: Record<string, { via: (string | Advisory)[] }>;
}

const accepted = process.argv.slice(2);
const report = JSON.parse((await text(process.stdin)) || "{}") as Report;
const said: string[] = [];
if (report.vulnerabilities) {
  // A package that is named alone is vulnerable by another's advisory, which stands there too.
  for (const { via } of Object.values(report.vulnerabilities)) {
    for (const one of via) {
      const id = typeof one === "object" && (one.url.split("/").at(-1) ?? "");
      if (id && !accepted.includes(id)) {
        said.push(`${one.name} ${one.range} ${id} ${one.severity}: ${one.title}`);
      }
    }
  }
} else {
  said.push(`Name a registry that knows vulnerabilities by ADVISORIES: ${report.message}`);
}
for (const line of said) {
  process.stderr.write(`${line}\n`);
}
process.exitCode = said.length > 0 ? 1 : 0;
