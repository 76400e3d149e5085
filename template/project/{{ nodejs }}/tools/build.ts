/**
 * Bundle what Lambda runs: one module a function, each in a folder of its own.
 *
 *     node tools/build.ts           for Lambda, as template.yaml says: .build/package
 *     node tools/build.ts --host    for the emulator: .build/local/package
 *
 * Two builds of the same sources are equal to the byte.
 */

import { chmod, glob, readFile, rm, stat, utimes } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { basename, dirname, join } from "node:path";
import { build, type Plugin } from "esbuild";

const root = join(import.meta.dirname, "..");
const folder = process.argv.includes("--host") ? ".build/local/package" : ".build/package";
const timestamp = new Date("2000-01-01T00:00:00Z"); // a zip holds no time before 1980

/**
 * Leave Node's own modules to Node, and read of them what is used alone.
 *
 * For a plain `import` Node reads all exports, and one of `node:http` loads an HTTP client that
 * nobody uses: 15 ms of a cold start.
 */
const ownModules: Plugin = {
  name: "own-modules",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /./ }, ({ path, kind }) =>
      isBuiltin(path)
        ? {
            path: path.replace(/^(node:)?/, "node:"),
            namespace: kind === "require-call" ? "whole" : "names",
            external: kind === "dynamic-import",
            sideEffects: false,
          }
        : undefined,
    );
    onLoad({ filter: /./, namespace: "whole" }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule("${path}");`,
    }));
    onLoad({ filter: /./, namespace: "names" }, ({ path }) => {
      const names = Object.keys(process.getBuiltinModule(path) ?? {});
      const exports = names.filter((name) => name !== "default");
      return {
        contents: `
          const own = /* @__PURE__ */ process.getBuiltinModule("${path}");
          export default own;
          ${exports.map((name) => `export const ${name} = /* @__PURE__ */ (() => own.${name})();`).join("\n")}
        `,
      };
    });
  },
};

/** Lambda hands configuration over by variables: what looks for files of it stays out. */
const configuration: Plugin = {
  name: "configuration",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, () => ({
      path: "credentials",
      namespace: "credentials",
    }));
    onLoad({ filter: /./, namespace: "credentials" }, () => ({
      contents: `export { fromEnv as defaultProvider } from "@aws-sdk/credential-provider-env";`,
      resolveDir: root,
    }));
    onLoad({ filter: /\/loadSharedConfigFiles\.js$/ }, ({ path, suffix }) =>
      suffix
        ? undefined
        : {
            contents: `
              export * from "./loadSharedConfigFiles.js?as-it-was";
              export async function loadSharedConfigFiles() {
                return { configFile: {}, credentialsFile: {} };
              }
            `,
            resolveDir: dirname(path),
          },
    );
  },
};

/** Map our own code alone back to its sources: Node reads the map at every cold start. */
const libraries: Plugin = {
  name: "libraries",
  setup({ onLoad }) {
    const nothing = Buffer.from(`{"version":3,"sources":["."],"mappings":"AAAA"}`).toString(
      "base64",
    );
    const map = `\n//# sourceMappingURL=data:application/json;base64,${nothing}`;
    onLoad({ filter: /\/node_modules\/.*\.[cm]?js$/ }, async ({ path }) => {
      const code = await readFile(path, "utf8");
      return { contents: code.replace(/\bimport\(["'](node:[\w/]+)["']\)/g, unread) + map };
    });
  },
};

/** Import one of Node's own modules without reading its exports. */
function unread(_: string, path: string): string {
  const own = `process.getBuiltinModule("${path}")`;
  return `Promise.resolve(Object.create(${own}, { default: { value: ${own} } }))`;
}

async function main(): Promise<void> {
  const template = await readFile(join(root, "template.yaml"), "utf8");
  const major = /Runtime: nodejs(\d+)\.x/.exec(template)?.[1];
  if (!major) {
    throw new Error("template.yaml has no line like `Runtime: nodejs24.x`: put it back.");
  }
  await rm(join(root, folder), { recursive: true, force: true });
  const sources = await Array.fromAsync(glob("src/service/{handlers,hooks}/*.ts", { cwd: root }));
  const sizes = await Promise.all(sources.sort().map((path) => bundle(path, `node${major}`)));
  process.stdout.write(`${sizes.join("\n")}\n`);
}

/** Bundle one function; what it imports only when it is needed is a file beside it. */
async function bundle(source: string, target: string): Promise<string> {
  const name = basename(source, ".ts");
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [source],
    outdir: join(folder, name),
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    platform: "node",
    target,
    mainFields: ["module", "main"],
    sourcemap: true,
    sourcesContent: false,
    plugins: [ownModules, configuration, libraries],
    metafile: true,
  });
  const outputs = Object.entries(metafile.outputs);
  for (const [path] of outputs) {
    await settle(join(root, path));
  }
  const bytes = outputs.reduce(
    (sum, [path, output]) => sum + (path.endsWith(".map") ? 0 : output.bytes),
    0,
  );
  return `${join(folder, name)}: ${Math.round(bytes / 1000)} kB`;
}

/** Give every file and its folder the same time and mode, whoever builds and whenever. */
async function settle(file: string): Promise<void> {
  for (const path of [file, join(file, "..")]) {
    await chmod(path, (await stat(path)).isDirectory() ? 0o755 : 0o644);
    await utimes(path, timestamp, timestamp);
  }
}

await main();
