"""What `sam deploy` must be told of an environment: its parameters, and the release.

    python tools/release.py ENV [--package DIR] [--template FILE]

The release is a hash over the package, the template and the environment's parameters. Every
function publishes a new version when it changes: SAM by itself would not when only a timeout or a
parameter has changed, and the new configuration would never reach the alias.
"""

import argparse
import hashlib
import json
import shlex
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def release(package: Path, template: Path, parameters: dict[str, str]) -> str:
    """Return a SHA-256, in hexadecimal, of all that makes a deployment what it is."""
    digest = hashlib.sha256()
    for file in sorted(path for path in package.rglob("*") if path.is_file()):
        digest.update(f"{file.relative_to(package)}\n{file.stat().st_size}\n".encode())
        digest.update(file.read_bytes())
    digest.update(template.read_bytes())
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("environment")
    parser.add_argument("--package", type=Path, default=ROOT / ".build" / "package")
    parser.add_argument("--template", type=Path, default=ROOT / "template.yaml")
    options = parser.parse_args()
    parameters, _ = settings(options.environment, options.package, options.template)
    print(" ".join(shlex.quote(f"{name}={value}") for name, value in parameters.items()))


if __name__ == "__main__":
    main()
