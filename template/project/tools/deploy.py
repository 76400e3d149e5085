"""Deploy what `make build` has prepared, with an environment's parameters and the release.

    python tools/deploy.py ENV [--show]

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
from pathlib import Path

ROOT = Path(__file__).parent.parent
SAM = ROOT / ".tools" / "sam" / "bin" / "sam"


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("environment", nargs="?", default="")
    parser.add_argument("--show", action="store_true", help="print the parameters, deploy nothing")
    options = parser.parse_args()
    template = ROOT / "template.yaml"
    parameters, tags = settings(options.environment, ROOT / ".build" / "package", template)
    if options.show:
        print(json.dumps(parameters, indent=2))
        return
    command = [SAM, "deploy", "--template", template, "--config-env", options.environment]
    command += sam_words(parameters, tags)
    sys.exit(subprocess.run(command, cwd=ROOT, check=False).returncode)


if __name__ == "__main__":
    main()
