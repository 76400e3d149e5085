"""Package what `make build` has prepared, once for all environments.

    python tools/package.py REGION [--bucket BUCKET] [--key KEY]

The package goes to the bucket, by default to the one that SAM keeps for an account. In
.build/delivery are then the template that names it there, and for each environment its parameters
and tags, as CodePipeline takes them.
"""

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from deploy import ROOT, SAM, settings

DELIVERY = ROOT / ".build" / "delivery"
PREFIX = "packages"  # in the bucket; nothing expires there, since a failed release goes back to it


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("region")
    parser.add_argument("--bucket", help="where to, in the region")
    parser.add_argument("--key", help="the KMS key that encrypts it there")
    options = parser.parse_args()
    template = ROOT / "template.yaml"
    DELIVERY.mkdir(parents=True, exist_ok=True)
    for config in sorted((ROOT / "config").glob("*.json")):
        parameters, tags = settings(config.stem, ROOT / ".build" / "package", template)
        _write(DELIVERY / config.name, {"Parameters": parameters, "Tags": tags})
    command = [SAM, "package", "--template-file", template, "--region", options.region]
    command += ["--output-template-file", DELIVERY / "template.yaml"]
    command += ["--s3-prefix", PREFIX, "--no-progressbar"]
    command += ["--s3-bucket", options.bucket] if options.bucket else ["--resolve-s3"]
    command += ["--kms-key-id", options.key] if options.key else []
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{done.stdout}{done.stderr}\nThis failed: sam package.")
    package = re.search(r"s3://\S+", (DELIVERY / "template.yaml").read_text())
    print(f"{DELIVERY.relative_to(ROOT)}: what is deployed of {package[0]}")


def _write(path: Path, configuration: dict[str, dict[str, Any]]) -> None:
    """Write a template configuration, whose values are texts."""
    texts = {
        part: {name: str(value) for name, value in values.items()}
        for part, values in configuration.items()
    }
    path.write_text(f"{json.dumps(texts, indent=2)}\n")


if __name__ == "__main__":
    main()
