/**
 * Call a function of the service in this folder: call.mjs MODULE EVENTS ANSWERS.
 *
 * Both files are lists in JSON. An error that ends an invocation stands as a text among the answers.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [module, events, answers] = process.argv.slice(2);
const path = pathToFileURL(`src/service/handlers/${module}.ts`);
const { handler } = await import(path);
const context = {
  functionName: "function",
  functionVersion: "1",
  getRemainingTimeInMillis: () => 60_000,
};
const found = [];
for (const event of JSON.parse(readFileSync(events, "utf8"))) {
  found.push(await handler(event, context).catch(String));
}
writeFileSync(answers, JSON.stringify(found));
