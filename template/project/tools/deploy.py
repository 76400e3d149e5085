"""Deploy what `make build` has prepared: python tools/deploy.py ENV"""

import argparse
import subprocess
import sys

from release import ROOT, settings

SAM = ROOT / ".tools" / "sam" / "bin" / "sam"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("environment", nargs="?", default="")
    environment = parser.parse_args().environment
    parameters, tags = settings(environment, ROOT / ".build" / "package", ROOT / "template.yaml")
    command = [SAM, "deploy", "--template", "template.yaml", "--config-env", environment]
    command += ["--parameter-overrides", *(f"{name}={value}" for name, value in parameters.items())]
    command += ["--tags", *(f"{name}={value}" for name, value in tags.items())]
    sys.exit(subprocess.run(command, cwd=ROOT, check=False).returncode)


if __name__ == "__main__":
    main()
