"""Deploy what `make build` has prepared, with an environment's parameters and the release.

    python tools/deploy.py ENV [STACK REGION [--host] | --show]

The release is a hash over the package, the template and the environment's parameters. Every
function publishes a new version when it changes: SAM by itself would not when only a timeout or a
parameter has changed, and the new configuration would never reach the alias.
"""

import argparse
import hashlib
import json
import re
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aws
import boto3
import switch
import validations
from botocore.exceptions import BotoCoreError, ClientError
from stack import first_failure

ROOT = Path(__file__).parent.parent
SAM = ROOT / ".tools" / "sam" / "bin" / "sam"
PLACEHOLDER = "change-me"
DEFINITION = re.compile(r"^( +DefinitionUri: )(?=[\w-]+\.asl\.json$)", re.MULTILINE)


def release(package: Path, template: Path, parameters: dict[str, str]) -> str:
    """Return a SHA-256, in hexadecimal, of all that makes a deployment what it is."""
    digest = hashlib.sha256()
    for file in sorted(path for path in package.rglob("*") if path.is_file()):
        digest.update(f"{file.relative_to(package)}\n{file.stat().st_size}\n".encode())
        digest.update(file.read_bytes())
    for file in (template, *sorted(ROOT.glob("*.asl.json"))):
        digest.update(file.read_bytes())
    digest.update(json.dumps(parameters, sort_keys=True).encode())
    return digest.hexdigest()


def settings(
    environment: str, package: Path, template: Path
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the parameters, with the release among them, and the tags of an environment."""
    config = ROOT / "config" / f"{environment}.json"
    if not config.exists():
        known = " or ".join(f"ENV={path.stem}" for path in sorted(config.parent.glob("*.json")))
        sys.exit(f"Use {known}: there is no environment {environment!r} in config/.")
    if not package.is_dir():
        sys.exit("Run `make build` first: there is no package to release.")
    found = json.loads(config.read_text())
    parameters = found["Parameters"]
    parameters["Release"] = release(package, template, parameters)
    return parameters, found["Tags"]


def refuse_placeholder(environment: str, parameters: dict[str, str]) -> None:
    """End where a value is still to be written."""
    if left := [name for name, value in parameters.items() if value == PLACEHOLDER]:
        sys.exit(
            f"Write the value of {', '.join(left)} in config/{environment}.json: "
            f"{PLACEHOLDER} is none."
        )


def sam_words(parameters: dict[str, str], tags: dict[str, str]) -> list[str]:
    """Return the options that hand parameters and tags to `sam deploy` as they are."""
    words = ["--parameter-overrides", *(_word(*pair) for pair in parameters.items())]
    return [*words, "--tags", *(_word(*pair) for pair in tags.items())]


def _word(name: str, value: object) -> str:
    """Return NAME="VALUE": SAM parses the word again, and ends a bare value at a space.

    It would take `a b=c` for two tags, were there no space before the name; and some backslashes
    for escapes, in a way that nothing can express.
    """
    text = str(value)
    if re.search(r"""\\( |"|'|$)""", text):
        sys.exit(f"Drop the backslash in {name} that stands last, or before a space or a quote.")
    escaped = text.replace('"', '\\"')
    return f'{" " if "=" in text else ""}{name}="{escaped}"'


def own_bucket(s3: Any, stack: str, account: str) -> str:
    """Return the name of the stack's own bucket, or nothing where there is none."""
    bucket = f"{stack}-artifacts-{account}"
    try:
        s3.head_bucket(Bucket=bucket, ExpectedBucketOwner=account)
    except ClientError:
        return ""
    return bucket


def delivery(stack: str, region: str) -> tuple[str, str]:
    """Return the bucket that delivery has for the stack, and its role's ARN, or nothing."""
    session = boto3.Session(region_name=region)
    caller = aws.caller(session)
    _, partition, _, _, account, _ = caller["Arn"].split(":", 5)
    bucket = own_bucket(session.client("s3"), stack, account)
    role = f"arn:{partition}:iam::{account}:role/{stack}-execution"
    return (bucket, role) if bucket else ("", "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for word in ("environment", "stack", "region"):
        parser.add_argument(word, nargs="?", default="")
    parser.add_argument("--host", action="store_true", help="what `make build HOST=1` has prepared")
    parser.add_argument("--show", action="store_true", help="print the parameters, deploy nothing")
    options = parser.parse_args()
    template, package = ROOT / "template.yaml", ROOT / ".build" / "package"
    if options.host:
        package = ROOT / ".build" / "local" / "package"
        template = _template_of_host(template, package.parent)
    parameters, tags = settings(options.environment, package, template)
    if options.show:
        print(json.dumps(parameters, indent=2))
        return
    if not options.host:
        refuse_placeholder(options.environment, parameters)
    command = [str(SAM), "deploy", "--template", str(template)]
    command += ["--config-file", str(ROOT / "samconfig.toml")]
    command += ["--config-env", options.environment]
    # A stack keeps its role, which must be able to read the code, also that of the release before.
    bucket, role = ("", "") if options.host else delivery(options.stack, options.region)
    command += ["--s3-bucket", bucket, "--role-arn", role] if bucket else ["--resolve-s3"]
    command += ["--no-confirm-changeset", "--no-progressbar"] * options.host
    command += sam_words(parameters, tags)
    began = datetime.now(UTC)
    done = subprocess.run(command, cwd=ROOT, check=False)
    if done.returncode:
        _explain(options, began)
    elif not options.host:
        _keep_stopped(options)
    sys.exit(done.returncode)


def _template_of_host(template: Path, folder: Path) -> Path:
    """Write the template with one change: the package for this machine."""
    derived = folder / template.name
    text = template.read_text().replace("CodeUri: .build/", "CodeUri: ")
    derived.write_text(DEFINITION.sub(r"\1../../", text))
    return derived


def _keep_stopped(options: argparse.Namespace) -> None:
    """See that what is stopped stays so: CloudFormation may give back what its template says."""
    session = boto3.Session(region_name=options.region)
    try:
        stopped = list(switch.kept(session, options.stack))
    except (BotoCoreError, ClientError) as error:  # who may deploy may not see that
        print(f"Not seen whether what was stopped is so still: {error}", file=sys.stderr)
        return
    if stopped:
        print(f"Stopped, and not started by this: {', '.join(stopped)}. `make start` does it.")


def _explain(options: argparse.Namespace, began: datetime) -> None:
    """Print what CloudFormation refused before it began, or else what has failed first.

    The one SAM does not ask for, the other stands in the midst of its tables.
    """
    cloudformation = boto3.Session(region_name=options.region).client("cloudformation")
    with suppress(BotoCoreError, ClientError):  # SAM has said what is wrong
        refused = validations.of_newest(cloudformation, options.stack)
        for reason in refused:
            print(f"  {reason}", file=sys.stderr)
        failed = "" if refused else first_failure(cloudformation, options.stack, began)
        if failed:
            print(f"Mend this and deploy again: {failed}", file=sys.stderr)
        if "FunctionAlias" in failed.partition(":")[0]:
            why = f"make logs ENV={options.environment} FN=pre-traffic SINCE=1h"
            print(f"What the hook before traffic has found: {why}", file=sys.stderr)


if __name__ == "__main__":
    aws.run(main)
