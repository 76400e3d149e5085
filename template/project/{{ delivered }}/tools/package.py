"""Package what `make build` has prepared, once for all environments.

    python tools/package.py REGION [--bucket BUCKET | --stack STACK] [--key KEY]

The package goes to the bucket, or to the one from which the stack is delivered; by default, and
where there is none, to the one that SAM keeps for an account. In
.build/delivery are then the template that names it there, and for each environment its parameters
and tags, as CodePipeline takes them.

The template names the version of these very bytes. What anybody writes under the same key later is
another version, which no change set of this template deploys.
"""

import argparse
import hashlib
import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import aws
from botocore.exceptions import ClientError
from deploy import ROOT, SAM, delivery, refuse_placeholder, settings

DELIVERY = ROOT / ".build" / "delivery"
ZIPS = ROOT / ".build" / "zips"
PREFIX = "packages"  # in the bucket; nothing expires there, since a failed release goes back to it
# A path, perhaps in quotes, perhaps before a comment: no function of CloudFormation, no mapping.
LOCAL = re.compile(
    r"""^( +(?:Code|Definition)Uri: +)(["']?)([\w./][^"'\n]*?)\2(?: +#.*)? *$""", re.MULTILINE
)
UPLOADED = re.compile(rf"^( +CodeUri): s3://([^/\s]+)/({PREFIX}/(\w+))$", re.MULTILINE)
DEFINED = re.compile(
    rf"^( +DefinitionUri):\n +Bucket: (\S+)\n +Key: ({PREFIX}/(\w+))$", re.MULTILINE
)
MODE = 0o755 << 16  # of every file: an artifact of GitHub keeps none


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("region")
    parser.add_argument("--bucket", help="where to, in the region")
    parser.add_argument("--stack", help="from whose bucket it would be delivered")
    parser.add_argument("--key", help="the KMS key that encrypts it there")
    options = parser.parse_args()
    session = aws.session(options.region)
    if options.stack:
        options.bucket, _ = delivery(options.stack, options.region)
    template = ROOT / "template.yaml"
    DELIVERY.mkdir(parents=True, exist_ok=True)
    for config in sorted((ROOT / "config").glob("*.json")):
        parameters, tags = settings(config.stem, ROOT / ".build" / "package", template)
        refuse_placeholder(config.stem, parameters)
        _write(DELIVERY / config.name, {"Parameters": parameters, "Tags": tags})
    packaged = _upload(template.read_text(), options)
    s3 = session.client("s3")
    pinned = packaged
    for uploaded in (UPLOADED, DEFINED):
        pinned = uploaded.sub(lambda at: _pin(s3, *at.groups()), pinned)
    (DELIVERY / "template.yaml").write_text(pinned)
    bucket, key = where(pinned)
    print(f"{DELIVERY.relative_to(ROOT)}: what is deployed of s3://{bucket}/{key}")


def where(packaged: str) -> tuple[str, str]:
    """Return the bucket and the key of a package that a packaged template names."""
    found = re.search(rf"CodeUri:\n +Bucket: (\S+)\n +Key: ({PREFIX}/\S+)\n", packaged)
    if not found:
        sys.exit(f"Run `make build package` again: {PREFIX} is in no CodeUri of what is packaged.")
    return found[1], found[2]


def _write(path: Path, configuration: dict[str, dict[str, Any]]) -> None:
    """Write a template configuration, whose values are texts."""
    texts = {
        part: {name: str(value) for name, value in values.items()}
        for part, values in configuration.items()
    }
    path.write_text(f"{json.dumps(texts, indent=2)}\n")


def _upload(template: str, options: argparse.Namespace) -> str:
    """Let SAM upload what a template names; return the template that it makes of it."""
    derived = ROOT / ".packaged.yaml"  # here, where SAM finds what else the template names
    command = [SAM, "package", "--template-file", derived, "--region", options.region]
    command += ["--output-template-file", DELIVERY / "template.yaml"]
    command += ["--s3-prefix", PREFIX, "--no-progressbar"]
    command += ["--s3-bucket", options.bucket] if options.bucket else ["--resolve-s3"]
    command += ["--kms-key-id", options.key] if options.key else []
    derived.write_text(localized(template))
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    finally:
        derived.unlink()
    if done.returncode:
        sys.exit(f"{done.stdout}{done.stderr}\nThis failed: sam package.")
    return (DELIVERY / "template.yaml").read_text()


def localized(template: str) -> str:
    """Return a template that names what SAM is to upload, code and definitions."""
    return LOCAL.sub(lambda at: f"{at[1]}{_local(at[3])}", template)


def _local(named: str) -> str | Path:
    """Return what SAM uploads: a folder is zipped, a zip and a definition are as they are."""
    path = ROOT / named
    if path.is_dir():
        return _zip(path)
    if zipfile.is_zipfile(path) or (path.is_file() and path.name.endswith(".asl.json")):
        return _kept(path.read_bytes())
    if path.is_file() or named.startswith("s3://"):
        return named  # of which no version is named
    sys.exit(f"Correct this place in template.yaml: there is neither folder nor file {named}")


def _zip(folder: Path) -> Path:
    """Zip a folder: equal files make equal bytes."""
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(file.relative_to(folder).as_posix())  # of 1980
            entry.external_attr = MODE
            archive.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED)
    return _kept(zipped.getvalue())


def _kept(package: bytes) -> Path:
    """Keep a package under the name that SAM gives it."""
    ZIPS.mkdir(parents=True, exist_ok=True)
    digest = hashlib.md5(package, usedforsecurity=False).hexdigest()
    kept = ZIPS / f"{digest}.zip"
    kept.write_bytes(package)
    return kept


def _pin(s3: Any, place: str, bucket: str, key: str, name: str) -> str:
    """Return what names the uploaded package with its version.

    SAM uploads nothing under a key that is there, whoever has written it: so the bytes are
    compared, and written again where they are others.
    """
    kept = ZIPS / f"{name}.zip"
    if not kept.exists():  # what was not made here: no other function is to fail for it
        return f"{place}: s3://{bucket}/{key}"
    package = kept.read_bytes()
    found = s3.get_object(Bucket=bucket, Key=key)
    if found["Body"].read() != package:
        found = s3.put_object(Bucket=bucket, Key=key, Body=package)
    if found.get("VersionId", "null") == "null":
        sys.exit(f"Turn on the versions of {bucket}: what is approved could be exchanged there.")
    try:
        s3.head_object(Bucket=bucket, Key=key, VersionId=found["VersionId"])
    except ClientError as error:  # as CloudFormation would be denied, in the midst of a release
        sys.exit(f"Run `make bootstrap` first, by which roles may read versions: {error}")
    indent = " " * (len(place) - len(place.lstrip()) + 2)
    parts = {"Bucket": bucket, "Key": key, "Version": found["VersionId"]}
    return "\n".join([f"{place}:", *(f"{indent}{part}: {value}" for part, value in parts.items())])


if __name__ == "__main__":
    aws.run(main)
