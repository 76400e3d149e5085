"""See on GitHub that only the branch of releases becomes the roles of AWS.

    python tools/github.py bootstrap ENV [--yes]    before the roles of an environment are made
    python tools/github.py review                   before a release: of all, and who approves it

It asks by `gh`, the command line of GitHub, with the rights of whoever is logged in there.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from terminal import confirm

ROOT = Path(__file__).parent.parent
NOT_FOUND = "HTTP 404"
CUSTOM = "deployment_branch_policy[custom_branch_policies]"
PROTECTED = "deployment_branch_policy[protected_branches]"

Record = dict[str, Any]


class NotAnsweredError(Exception):
    """GitHub was not asked, or does not answer."""


def ask(path: str, *options: str) -> Record:
    """Return what the API answers."""
    gh = shutil.which("gh")
    if not gh:
        raise NotAnsweredError("gh is not installed")
    done = subprocess.run([gh, "api", path, *options], capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotAnsweredError(done.stderr.strip())
    return json.loads(done.stdout)


def bootstrap(service: Record, environment: str, *, asks: bool) -> None:
    """End where the roles would trust another repository, or any branch of this one."""
    name = re.sub("@[0-9]+", "", service["repository"])
    try:
        _require_subject(name, service["repository"])
    except NotAnsweredError as error:
        print(
            f"GitHub was not asked ({error}): see that the environment"
            f" {_place(service, environment)} is for the branch {service['branch']} alone,"
            " and `repository` as its tokens have it."
        )
        return
    for place in _places(service, [environment]):
        try:
            _require_branch(name, place, service["branch"])
        except NotAnsweredError as error:
            if NOT_FOUND not in str(error):
                raise
            if asks:
                confirm(f"Make {place} on GitHub, for the branch {service['branch']} alone?")
            _make(name, place, service["branch"])


def review(service: Record, name: str) -> None:
    """End where nobody would be asked before a release, or another branch could release."""
    production = service["production"]
    place = _place(service, production)
    rules = ask(f"repos/{name}/environments/{place}").get("protection_rules", [])
    if "required_reviewers" not in [rule["type"] for rule in rules]:
        sys.exit(
            f"Give the environment {place} required reviewers, in the settings of {name}:"
            " nobody would be asked before a release."
        )
    for place in _places(service, service["environments"]):
        _require_branch(name, place, service["branch"])


def _places(service: Record, environments: Any) -> list[str]:
    """Return the environments on GitHub: production has two."""
    reviewed = [f"{service['production']}-review"] if service["production"] in environments else []
    return [_place(service, environment) for environment in [*environments, *reviewed]]


def _place(service: Record, environment: str) -> str:
    """Return what it is called on GitHub: a service in a folder shares its repository."""
    return f"{service.get('place', '')}{environment}"


def _require_subject(name: str, answered: str) -> None:
    """End where tokens name the repository in another way than the roles trust it.

    With its numbers where it was made, renamed or moved since 15 July 2026, or has chosen to.
    """
    found = ask(f"repos/{name}")
    owner = found["owner"]
    subject = found["full_name"]
    if ask(f"repos/{name}/actions/oidc/customization/sub").get("use_immutable_subject"):
        subject = f"{owner['login']}@{owner['id']}/{found['name']}@{found['id']}"
    if answered != subject:
        sys.exit(
            f"Answer `repository` as GitHub's tokens have it, the roles would trust {answered}:"
            f" make answer SET='repository: {subject}'"
        )


def _require_branch(name: str, place: str, branch: str) -> None:
    """End where a job of another branch could be in the environment."""
    at = f"repos/{name}/environments/{place}"
    policy = ask(at)["deployment_branch_policy"] or {}
    if policy.get("protected_branches"):
        return
    rows = ask(f"{at}/deployment-branch-policies")["branch_policies"] if policy else []
    if [row["name"] for row in rows] != [branch]:
        sys.exit(
            f"Let the branch {branch} alone deploy to the environment {place}, in the settings of"
            f" {name}: another could become its roles."
        )


def _make(name: str, place: str, branch: str) -> None:
    at = f"repos/{name}/environments/{place}"
    ask(at, "--method", "PUT", "-F", f"{PROTECTED}=false", "-F", f"{CUSTOM}=true")
    ask(f"{at}/deployment-branch-policies", "--method", "POST", "-f", f"name={branch}")
    print(f"{place} is made on GitHub, for the branch {branch} alone.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    options = verbs.add_parser("bootstrap")
    options.add_argument("environment")
    options.add_argument("--yes", action="store_true", help="ask nothing")
    verbs.add_parser("review")
    given = parser.parse_args()
    service = json.loads((ROOT / "pipeline" / "service.json").read_text())
    try:
        if given.verb == "review":
            review(service, os.environ["GITHUB_REPOSITORY"])
        elif service["repository"]:
            bootstrap(service, given.environment, asks=not given.yes)
    except NotAnsweredError as error:
        sys.exit(f"Mend this and run it again, GitHub was asked by gh: {error}")


if __name__ == "__main__":
    main()
