"""Prepare the package that Lambda runs: all functions, their locked dependencies, compiled ahead.

    python tools/build.py           for Lambda, as template.yaml says: .build/package
    python tools/build.py --host    for this machine and its emulator: .build/local/package

Two builds of the same sources are equal to the byte, whatever the variables of the shell. Lambda
loads the compiled code without looking at the sources, which stay beside it: another Python would
fall back to them.
"""

import argparse
import ast
import compileall
import fcntl
import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.util import cache_from_source
from pathlib import Path
from py_compile import PycInvalidationMode
from typing import Any

ROOT = Path(__file__).parent.parent
UV = ROOT / ".tools" / "uv" / "bin" / "uv"
PLATFORMS = {"arm64": "aarch64-manylinux2014", "x86_64": "x86_64-manylinux2014"}
LAMBDA_ROOT = "/var/task"  # where Lambda unpacks the package: tracebacks name it
TIMESTAMP = 946_684_800  # 2000-01-01: a zip holds no time before 1980
LOADER = """
import importlib, sys
sys.path.insert(0, ".")
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except Exception as error:
        told = f"{type(error).__name__}: {error}"
        lacks = {"ImportError", "FileNotFoundError", "DataNotFoundError"}  # the last is botocore's
        if lacks & {one.__name__ for one in type(error).__mro__}:
            sys.exit(f"Mend the imports of {name}, or what it depends on: {told}")
        print(f"{name} ends as it is loaded, here: {told}", file=sys.stderr)
"""
SDK_COMMON = {"_retry.json", "endpoints.json", "partitions.json", "sdk-default-configuration.json"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--host", action="store_true", help="build for this machine")
    host = parser.parse_args().host
    template = (ROOT / "template.yaml").read_text()
    minor = _declared(template, r"Runtime: python(3\.\d+)")
    if minor != f"{sys.version_info.major}.{sys.version_info.minor}":
        sys.exit(f"Run it with Python {minor}, the runtime in template.yaml: `make build` does.")
    (ROOT / ".build").mkdir(exist_ok=True)
    # Until this one has ended, another waits: they write in the same folders.
    fcntl.flock(os.open(ROOT / ".build", os.O_RDONLY), fcntl.LOCK_EX)
    platform = None if host else PLATFORMS[_declared(template, r"Architectures: \[(\w+)\]")]
    package = ROOT / ".build" / ("local/package" if host else "package")

    dependencies = _dependencies(minor, platform)
    shutil.rmtree(package, ignore_errors=True)
    shutil.copytree(dependencies, package, copy_function=os.link)
    shutil.copytree(
        ROOT / "src", package, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__")
    )
    for own in (path for path in (ROOT / "src").iterdir() if path.is_dir()):
        if _compile(package / own.name, package, quiet=1):
            sys.exit("Correct the lines above: they do not compile.")
    _settle(package)
    if host:
        _load(package, template)
    size = sum(file.stat().st_size for file in package.rglob("*") if file.is_file())
    print(f"{package.relative_to(ROOT)}: {size / 1e6:.1f} MB for {platform or 'this machine'}")


def _declared(template: str, pattern: str) -> str:
    found = re.search(pattern, template)
    if not found:
        sys.exit(f"template.yaml has no line like `{pattern}` under Globals: put it back.")
    return found[1]


def _dependencies(minor: str, platform: str | None) -> Path:
    """Install, trim and compile what requirements.txt locks; keep it until something changes."""
    services = _services()
    made_of = [minor, str(platform), *services, Path(__file__).read_text()]
    made_of.append((ROOT / "requirements.txt").read_text())
    digest = hashlib.sha256("\n".join(made_of).encode()).hexdigest()[:16]
    target = ROOT / ".build" / f"dependencies-{digest}"
    if target.exists():
        return target
    unfinished = target.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    command = [str(UV), "pip", "install", "--quiet", "--python", sys.executable]
    command += ["--target", str(unfinished)]
    command += ["--require-hashes", "--only-binary", ":all:", "--no-deps", "--link-mode", "copy"]
    command += ["--python-version", minor, "--requirements", str(ROOT / "requirements.txt")]
    command += ["--python-platform", platform] if platform else []
    subprocess.run(command, check=True)
    _trim(unfinished, services)
    for module in _compile(unfinished, unfinished, quiet=2):
        name = module.relative_to(unfinished)
        print(f"{name} stays as it is: it does not compile", file=sys.stderr)
    unfinished.rename(target)
    return target


def _services() -> list[str]:
    """Return the AWS services that the code makes clients of, and those that pyproject.toml lists.

    It makes them by `client` of the module `service.adapters.aws`, however that is imported.
    """
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text()).get("tool", {})
    listed = tools.get("golden-path", {}).get("aws-services", [])
    names = set(listed)
    for path in sorted(_sources(ROOT / "src")):
        for line, name in _clients(path):
            if name:
                names.add(name)
            elif not listed:
                sys.exit(
                    f'{path.relative_to(ROOT)}:{line}: write the name out, as in aws.client("sqs"),'
                    " or list all that it may be under [tool.golden-path] in pyproject.toml:"
                    ' aws-services = ["sqs"]'
                )
    return sorted(names)


def _sources(folder: Path) -> Iterator[Path]:
    """Yield the modules that the package gets: what links lead to is copied, too."""
    for parent, _, files in os.walk(folder, followlinks=True):
        yield from (Path(parent) / name for name in files if name.endswith(".py"))


def _clients(path: Path) -> Iterator[tuple[int, str]]:
    """Yield where a module makes a client, and the name of its service, if it is written out."""
    try:
        code = ast.parse(path.read_bytes())
    except SyntaxError as error:
        sys.exit(f"{path.relative_to(ROOT)}:{error.lineno}: correct what is no Python: {error.msg}")
    makers = {"aws.client"}
    for node in ast.walk(code):
        match node:
            case ast.Import(names) | ast.ImportFrom("service.adapters" | None, names):
                aws = [one for one in names if one.name in ("aws", "service.adapters.aws")]
                makers |= {f"{one.asname or one.name}.client" for one in aws}
            case ast.ImportFrom("service.adapters.aws" | "aws", names):
                makers |= {one.asname or one.name for one in names if one.name == "client"}
    known = set()
    for node in ast.walk(code):  # a call comes before what it calls
        match node:
            case ast.Call(maker, [ast.Constant(str(name)), *_]) if ast.unparse(maker) in makers:
                known.add(maker)
                yield node.lineno, name
            case ast.Attribute(attr="client") | ast.Name(ctx=ast.Load()) if node not in known:
                if ast.unparse(node) in makers:
                    yield node.lineno, ""


def _trim(package: Path, services: list[str]) -> None:
    """Remove what no function uses: tests, scripts, install records, data of other services."""
    for unused in [*package.rglob("tests"), package / "bin", *package.rglob("__pycache__")]:
        shutil.rmtree(unused, ignore_errors=True)
    for record in package.glob("*.dist-info/RECORD"):
        record.unlink()
    (package / ".lock").unlink(missing_ok=True)
    data = package / "botocore" / "data"
    if not data.exists():
        return
    if unknown := [name for name in services if not (data / name).is_dir()]:
        sys.exit(f"Correct the name {unknown[0]!r} of a client: the SDK knows no such service.")
    for entry in data.iterdir():
        if entry.is_dir() and entry.name not in services:
            shutil.rmtree(entry)
        elif entry.is_file() and entry.name not in SDK_COMMON:
            entry.unlink()
    for examples in data.rglob("examples-*"):
        examples.unlink()
    for model in [*data.rglob("*.json"), *data.rglob("*.json.gz")]:
        _slim(model)
    models = [json.loads(model.read_text()) for model in data.rglob("service-2.json")]
    prefixes = {model["metadata"]["endpointPrefix"] for model in models}
    endpoints = json.loads((data / "endpoints.json").read_text())
    for partition in endpoints["partitions"]:
        known = partition["services"].items()
        partition["services"] = {name: kept for name, kept in known if name in prefixes}
    (data / "endpoints.json").write_text(json.dumps(endpoints))


def _slim(model: Path) -> None:
    """Unpack SDK data and leave its documentation out: each function reads it as it starts."""
    content = model.read_bytes()
    model.unlink()
    if model.suffix == ".gz":
        content, model = gzip.decompress(content), model.with_suffix("")
    slim = json.loads(content, object_hook=_without_documentation)
    # Of these alone botocore wants the text, when it makes a client of S3 for example.
    for parameter in slim.get("clientContextParams", {}).values():
        parameter["documentation"] = ""
    model.write_text(json.dumps(slim, separators=(",", ":")))


def _without_documentation(entry: dict[str, Any]) -> dict[str, Any]:
    # A shape may have a member of that name, which is no text.
    return {k: v for k, v in entry.items() if k != "documentation" or not isinstance(v, str)}


def _compile(folder: Path, package: Path, quiet: int) -> list[Path]:
    """Compile the modules of a folder, and return those that do not compile."""
    # Lambda reads byte code that lies beside its source, and is not optimised.
    os.environ.pop("PYTHONPYCACHEPREFIX", None)  # which processes that are started would read
    sys.pycache_prefix = None
    compileall.compile_dir(
        folder,
        quiet=quiet,
        workers=0,  # a process a processor
        optimize=0,
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
        stripdir=package,
        prependdir=LAMBDA_ROOT,
    )
    modules = sorted(folder.rglob("*.py"))
    return [path for path in modules if not Path(cache_from_source(path, optimization="")).exists()]


def _settle(package: Path) -> None:
    """Give every file the same time and mode, whoever builds and whenever."""
    for path in [package, *package.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.utime(path, (TIMESTAMP, TIMESTAMP))


def _load(package: Path, template: str) -> None:
    """Import each handler once, as Lambda does: what the package lacks shows here."""
    handlers = re.findall(r"^ +Handler: ([\w.]+)\.\w+$", template, re.MULTILINE)
    own = [name for name in handlers if (package / f"{name.replace('.', '/')}.py").exists()]
    variables = dict.fromkeys(re.findall(r"^ +([A-Z][A-Z0-9_]+): ", template, re.MULTILINE), "1")
    variables |= {"POWERTOOLS_LOG_LEVEL": "INFO", "AWS_DEFAULT_REGION": "us-east-1"}
    # It has no credentials, and looks for none.
    variables |= {"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.devnull}
    variables |= {"AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    command = [sys.executable, "-I", "-S", "-B", "-c", LOADER, *own]
    if subprocess.run(command, cwd=package, env=variables, check=False).returncode:
        sys.exit(1)  # it has said why


if __name__ == "__main__":
    main()
