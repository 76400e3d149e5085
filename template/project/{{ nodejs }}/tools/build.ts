/**
 * Bundle what Lambda runs: a folder for each function, with its module and the libraries it uses.
 *
 *     node tools/build.ts           for Lambda, as template.yaml says: .build/package
 *     node tools/build.ts --host    for the emulator: .build/local/package
 *
 * Two builds of the same sources are equal to the byte, wherever their libraries lie.
 */

import {
  chmod,
  glob,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  utimes,
  writeFile,
} from "node:fs/promises";
import { isBuiltin } from "node:module";
import { basename, dirname, join, relative } from "node:path";
import { type BuildOptions, type BuildResult, build, type Metafile, type Plugin } from "esbuild";
import { alone } from "./alone.ts";
import { external, installed, lay } from "./external.ts";
import { cure, load } from "./load.ts";

const root = join(import.meta.dirname, "..");
const folder = process.argv.includes("--host") ? ".build/local/package" : ".build/package";
const outside = await external();
const timestamp = new Date("2000-01-01T00:00:00Z"); // a zip holds no time before 1980

/**
 * Leave Node's own modules to Node, and read of them what is used alone.
 *
 * For a plain `import` Node reads all exports, and one of `node:http` loads an HTTP client that
 * nobody uses: 15 ms of a cold start. What is named of `node:fs` is read when it is used: the
 * class of its streams, which the SDK only compares with, takes 2 ms.
 */
const ownModules: Plugin = {
  name: "own-modules",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /./ }, ({ path, kind }) =>
      isBuiltin(path)
        ? {
            path: path.replace(/^(node:)?/, "node:"),
            namespace: kind === "require-call" || path.endsWith("fs") ? "whole" : "names",
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

/**
 * Which invocations log in full is drawn by lot: that needs no cryptography, 4 ms to load. Whole
 * numbers of a hundred, which the logger asks for, would make two in a hundred of a share of 0.01.
 */
const sampling: Plugin = {
  name: "sampling",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?crypto$/ }, ({ importer }) =>
      importer.includes("/@aws-lambda-powertools/logger/")
        ? { path: "random", namespace: "sampling" }
        : undefined,
    );
    onLoad({ filter: /./, namespace: "sampling" }, () => ({
      contents: `
        export const randomInt = (from, to) => from + Math.random() * (to - from);
      `,
    }));
  },
};

/** Lambda hands configuration over by variables: what looks for files of it stays out. */
const configuration: Plugin = {
  name: "configuration",
  setup({ onLoad }) {
    onLoad({ filter: /\/@aws-sdk\/credential-provider-node\/[^/]+\/index\.js$/ }, ({ path }) => ({
      contents: `export { fromEnv as defaultProvider } from "@aws-sdk/credential-provider-env";`,
      resolveDir: dirname(path),
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

/** What the SDK imports in browsers alone stays out; what the service imports itself does not. */
const browsers: Plugin = {
  name: "browsers",
  setup({ onResolve }) {
    onResolve({ filter: /^bowser$/ }, ({ path, importer }) =>
      importer.includes("/@aws-sdk/") ? { path, external: true } : undefined,
    );
  },
};

/** Modules of libraries that look for their own files, and by what. */
const placed = new Map<string, string>();

/** The libraries that a function imports from beside its bundle, by its folder. */
const beside = new Map<string, string[]>();

/** What is no JavaScript cannot be in a bundle. */
const addOns: Plugin = {
  name: "add-ons",
  setup({ onLoad }) {
    onLoad({ filter: /\.node$/ }, ({ path }) => ({
      errors: [{ text: `${relative(root, path)} is a native add-on: ${cure}` }],
    }));
  },
};

/** What libraries import when they need it is not read whole either. */
const laterImports: Plugin = {
  name: "later-imports",
  setup({ onLoad }) {
    onLoad({ filter: /\/node_modules\/.*\.[cm]?js$/ }, async ({ path }) => {
      const code = await readFile(path, "utf8");
      if (/(?<!typeof )\b__(dirname|filename)\b/.test(code)) {
        placed.set(relative(root, path), "__dirname, which a bundle does not have");
      } else if (/\bnew Worker\(/.test(code)) {
        placed.set(relative(root, path), "a file for its worker, which a bundle does not have");
      }
      return { contents: code.replace(/\bimport\(["'](node:[\w/]+)["']\)/g, unread) };
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
  const processor = /Architectures: \[arm64\]/.test(template) ? "arm64" : "x64";
  const cpu = process.argv.includes("--host") ? undefined : processor;
  await mkdir(join(root, ".build"), { recursive: true });
  // Until this one has ended, another waits: they write in the same folders.
  await alone(join(root, ".build/building"));
  await rm(join(root, folder), { recursive: true, force: true });
  const sources = await Array.fromAsync(glob("src/service/{handlers,hooks}/*.ts", { cwd: root }));
  const sizes = await Promise.all(sources.sort().map((path) => bundle(path, `node${major}`)));
  const outputs = [...beside].sort();
  for (const [output, names] of outputs.filter(([, names]) => names.length > 0)) {
    await lay(names, await installed(cpu), join(root, output));
  }
  await settle();
  // What lies beside may be for another machine than this.
  const here = !cpu || (process.platform === "linux" && process.arch === cpu);
  const loaded = outputs.filter(([, names]) => here || names.length === 0);
  const modules = loaded.map(([output]) => `${output}/${basename(output)}.mjs`);
  if (!load(modules, template)) {
    await rm(join(root, folder), { recursive: true });
    process.exit(1); // it has said why
  }
  process.stdout.write(`${sizes.join("\n")}\n`);
}

/** Bundle one function; its libraries, and what it imports only when needed, lie beside it. */
async function bundle(source: string, target: string): Promise<string> {
  const output = join(folder, basename(source, ".ts"));
  const options = {
    absWorkingDir: root,
    entryPoints: [source],
    outdir: output,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    platform: "node",
    target,
    mainFields: ["module", "main"],
    sourcemap: "external",
    sourcesContent: false,
    plugins: [sampling, ownModules, configuration, browsers, addOns, laterImports],
    external: outside,
    metafile: true,
    write: false,
    logOverride: { "ignored-bare-import": "silent" }, // whoever uses a library imports it itself
  } satisfies BuildOptions;
  const { metafile } = await build(options);
  const inputs = Object.values(metafile.outputs).flatMap((module) => Object.keys(module.inputs));
  const libraries = inputs.filter((path) => /(^|\/)node_modules\/[^?]+$/.test(path));
  const entries = Object.values(metafile.outputs).flatMap(({ entryPoint = [] }) => entryPoint);
  const loaded = atStart(metafile, source);
  for (const path of libraries.filter((path) => placed.has(path))) {
    process.stderr.write(`${source}: ${path} needs ${placed.get(path)}\n`);
  }
  // A second entry that imports them too: what two entries share becomes a module of its own.
  const bundled = await build({
    ...options,
    plugins: [
      afterStart(
        entries.filter((path) => path !== source),
        libraries.filter((path) => loaded.has(path)),
      ),
      ...options.plugins,
    ],
    stdin: { contents: imports(libraries), resolveDir: root },
  });
  const imported = Object.values(bundled.metafile.outputs).flatMap(({ imports }) => imports);
  const uses = (name: string) =>
    imported.some(({ path }) => path === name || path.startsWith(`${name}/`));
  beside.set(output, outside.filter(uses));
  return `${output}: ${Math.round((await write(output, bundled)) / 1000)} kB`;
}

/** Return the modules that are loaded as a function starts: what is imported later is not. */
function atStart({ inputs }: Metafile, source: string): Set<string> {
  const modules = new Set([source]); // it grows while it is gone through
  for (const module of modules) {
    const imports = inputs[module]?.imports ?? [];
    for (const { path } of imports.filter(({ kind }) => kind !== "dynamic-import")) {
      modules.add(path);
    }
  }
  return modules;
}

/**
 * Have what our code and the SDK import later import the libraries that are loaded by then.
 *
 * esbuild makes a module of what the same importers share: these are then one, where a function
 * read up to nine at its start, of half a millisecond each.
 */
function afterStart(later: string[], libraries: string[]): Plugin {
  return {
    name: "after-start",
    setup({ onLoad }) {
      onLoad({ filter: /\/(src|@aws-sdk|@smithy)\// }, async ({ path }) =>
        later.includes(relative(root, path))
          ? {
              contents: `${await readFile(path, "utf8")}\n${imports(libraries)}`,
              loader: "default",
            }
          : undefined,
      );
    },
  };
}

function imports(paths: string[]): string {
  return paths.map((path) => `import ${JSON.stringify(join(root, path))};`).join("\n");
}

/**
 * Write what was bundled, and return how many bytes Node may read of it.
 *
 * Our own code alone is mapped back to its sources: at every cold start, Node reads the whole of a
 * module that has a map, for 3 to 6 ms where the libraries are in it.
 */
async function write(
  output: string,
  { metafile, outputFiles }: BuildResult<{ metafile: true; write: false }>,
): Promise<number> {
  await mkdir(join(root, output), { recursive: true });
  const names = numbered(metafile, `${output}/${basename(output)}.mjs`);
  let bytes = 0;
  for (const { path, text } of outputFiles) {
    const module = relative(root, path).replace(/\.map$/, "");
    const inputs = Object.keys(metafile.outputs[module]?.inputs ?? {});
    const ours = inputs.some((input) => input.startsWith("src/"));
    const isCode = path.endsWith(".mjs");
    const name = names.get(module);
    if (name && (isCode || ours)) {
      const link = isCode && ours ? `//# sourceMappingURL=${name}.map\n` : "";
      const content = renamed(text, names) + link;
      const file = join(root, output, isCode ? name : `${name}.map`);
      await writeFile(file, content);
      bytes += isCode ? Buffer.byteLength(content) : 0;
    }
  }
  return bytes;
}

/**
 * Name a function's module and those that it imports: these by number, in the order of the imports.
 *
 * esbuild names them by a hash in which the folders of the libraries count. The numbers are as long
 * as that, so that the columns of a map stay right.
 */
function numbered({ outputs }: Metafile, entry: string): Map<string, string> {
  const modules = new Set([entry]); // it grows while it is gone through
  for (const module of modules) {
    const imports = outputs[module]?.imports ?? [];
    for (const { path } of imports.filter(({ external }) => !external)) {
      modules.add(path);
    }
  }
  const names = [...modules].map((path, n) => [path, `${n}`.padStart(8, "0")] as const);
  return new Map(
    names.map(([path, n]) => [path, basename(path).replace(/[A-Z0-9]{8}(?=\.mjs$)/, n)]),
  );
}

function renamed(text: string, names: Map<string, string>): string {
  return [...names].reduce((done, [path, name]) => done.replaceAll(basename(path), name), text);
}

/** Give every file and folder the same time and mode, whoever builds and whenever. */
async function settle(): Promise<void> {
  const inside = await readdir(join(root, folder), { recursive: true });
  for (const path of inside.map((name) => join(root, folder, name))) {
    const runs = (await stat(path)).mode & 0o100; // a folder, or a program of a library
    await chmod(path, runs ? 0o755 : 0o644);
    await utimes(path, timestamp, timestamp);
  }
}

await main();
