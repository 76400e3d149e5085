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
if (!report.vulnerabilities) {
  console.error("Make the registry's advisories reachable, or name another registry by ADVISORIES:");
  console.error(report.message ?? "npm has not answered.");
  process.exit(1);
}

const advisories = Object.values(report.vulnerabilities)
  .flatMap(({ via }) => via)
  .filter((one) => typeof one === "object")
  .map((one) => ({ ...one, id: one.url.split("/").at(-1) ?? one.url }))
  .filter(({ id }) => !accepted.includes(id));
for (const { id, name, range, severity, title } of advisories) {
  console.error(`${name} ${range}  ${id}  ${severity}: ${title}`);
}
if (advisories.length > 0) {
  console.error("Update what is named here: make lock. Where there is no remedy yet, ACCEPTED.");
  process.exit(1);
}
