/** Libraries that stay outside of bundles, as package.json lists them: they lie beside, whole. */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

interface Package {
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
}

type Packages = Record<string, Package>;

const root = join(import.meta.dirname, "..");
const manifests = ["package.json", "package-lock.json", ".npmrc"];

/** Return the names that package.json lists: {"golden-path": {"external": ["sharp"]}}. */
export async function external(): Promise<string[]> {
  const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const names: string[] = manifest["golden-path"]?.external ?? [];
  for (const name of names.filter((one) => !(one in manifest.dependencies))) {
    throw new Error(`Name ${name} under dependencies in package.json too: it is deployed`);
  }
  return names;
}

/** Install what is deployed, for Lambda or this machine, and keep it until a manifest changes. */
export async function installed(cpu: string | undefined): Promise<string> {
  const texts = await Promise.all(manifests.map((name) => readFile(join(root, name), "utf8")));
  const digest = createHash("sha256")
    .update([cpu, ...texts].join("\n"))
    .digest("hex");
  const target = join(root, `.build/external-${digest.slice(0, 16)}`);
  if (existsSync(target)) {
    return target;
  }
  const unfinished = `${target}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  for (const [n, name] of manifests.entries()) {
    await writeFile(join(unfinished, name), texts[n] ?? "");
  }
  const npm = join(dirname(process.execPath), "npm");
  const words = [npm, "ci", "--loglevel=error", "--omit=dev", "--include=optional"];
  const machine = cpu ? [`--cpu=${cpu}`, "--os=linux", "--libc=glibc"] : [];
  const streams = ["ignore", "ignore", "inherit"] as const;
  execFileSync(process.execPath, [...words, ...machine], { cwd: unfinished, stdio: [...streams] });
  await rename(unfinished, target);
  return target;
}

/** Lay libraries, with all that they need, from a folder where they are installed into another. */
export async function lay(names: string[], from: string, to: string): Promise<void> {
  const lock = JSON.parse(await readFile(join(from, "package-lock.json"), "utf8"));
  const packages: Packages = lock.packages;
  const needed = new Set(names.map((name) => `node_modules/${name}`)); // it grows as it is read
  for (const path of needed) {
    const { dependencies, optionalDependencies, peerDependencies = {} } = packages[path] ?? {};
    const optional = packages[path]?.peerDependenciesMeta ?? {};
    const peers = Object.keys(peerDependencies).filter((name) => !optional[name]?.optional);
    for (const name of [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers]) {
      needed.add(resolved(packages, path, name));
    }
  }
  for (const path of needed) {
    // What lies in another package comes with it; what is for other machines is not here.
    if (path.lastIndexOf("node_modules/") === 0 && existsSync(join(from, path))) {
      await cp(join(from, path), join(to, path), { recursive: true });
    }
  }
}

/** Return where Node.js finds a package: in the one that asks for it, or further up. */
function resolved(packages: Packages, path: string, name: string): string {
  let folder = path;
  while (folder && !(`${folder}/node_modules/${name}` in packages)) {
    folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")));
  }
  return `${folder}/node_modules/${name}`.replace(/^\//, "");
}
