/**
 * Load each bundle once, as Lambda does when a function starts, and tell which cannot.
 *
 *     node tools/load.ts .build/package/items/items.mjs ...
 *
 * Another error is told and no more: a function may ask while it loads for what Lambda alone has.
 */

import { spawnSync } from "node:child_process";
import { devNull } from "node:os";
import { join, resolve } from "node:path";

const root = join(import.meta.dirname, "..");
const lacking = ["ERR_DLOPEN_FAILED", "ERR_MODULE_NOT_FOUND", "MODULE_NOT_FOUND"];
export const cure = 'list the library in package.json: "golden-path": {"external": ["NAME"]}';

/** Do so with the variables that a template gives, and without credentials; tell if all can. */
export function load(paths: string[], template: string): boolean {
  const names = [...template.matchAll(/^ +([A-Z][A-Z0-9_]+): /gm)].map(([, name]) => name);
  const env = {
    ...Object.fromEntries(names.map((name) => [name, "1"])),
    NODE_OPTIONS: "--enable-source-maps",
    POWERTOOLS_LOG_LEVEL: "INFO",
    AWS_REGION: "us-east-1",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
  };
  const words = [import.meta.filename, ...paths];
  const stdio = ["ignore" as const, "ignore" as const, "inherit" as const];
  return spawnSync(process.execPath, words, { cwd: root, env, stdio }).status === 0;
}

async function main(): Promise<void> {
  for (const path of process.argv.slice(2)) {
    try {
      await import(resolve(path));
    } catch (error) {
      if (cannotRun(error)) {
        process.stderr.write(`${path} cannot start (${error}): ${cure}\n`);
        process.exitCode = 1;
      } else {
        process.stderr.write(`${path} ends as it is loaded, here: ${error}\n`);
      }
    }
  }
  process.exit(); // whatever a function has opened
}

/** Tell an error of a bundle, which lacks what lies beside a library, from one of its surroundings. */
function cannotRun(error: unknown): boolean {
  const { code = "", message = "", path = "" } = error as NodeJS.ErrnoException;
  const required = message.startsWith("Dynamic require of");
  const missed = code === "ENOENT" && path.startsWith(root); // not what a layer brings
  return error instanceof ReferenceError || required || missed || lacking.includes(code);
}

if (process.argv[1] === import.meta.filename) {
  await main();
}
