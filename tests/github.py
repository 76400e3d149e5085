"""A stand-in for `gh`, the command line of GitHub: its API as far as a service's tools ask it.

Paths and fields are those of https://docs.github.com/en/rest. What GitHub does by what is set,
nothing here shows.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

GH = """#!/usr/bin/env python3
import json, pathlib, sys

state = pathlib.Path(__file__).with_name("github.json")
answers = json.loads(state.read_text())
path, options = sys.argv[2], sys.argv[3:]
if "PUT" in options:
    fields = [word for word in options if "=" in word]
    assert fields == [
        "deployment_branch_policy[protected_branches]=false",
        "deployment_branch_policy[custom_branch_policies]=true",
    ]
    answers[path] = {"deployment_branch_policy": {"protected_branches": False}}
if "POST" in options:
    answers[path] = {"branch_policies": [{"name": options[-1].removeprefix("name=")}]}
state.write_text(json.dumps(answers))
if path not in answers:
    sys.exit("gh: Not Found (HTTP 404)")
print(json.dumps(answers[path]))
"""


class GitHub:
    """What GitHub answers of one repository, through the `gh` in a folder."""

    def __init__(self, folder: Path, repository: str) -> None:
        self.path = f"{folder}:{os.environ['PATH']}"  # by which `gh` is found
        self._state = folder / "github.json"
        self._at = f"repos/{repository}"
        (folder / "gh").write_text(GH)
        (folder / "gh").chmod(0o755)
        owner, name = repository.split("/")
        self.write(
            {
                self._at: {
                    "id": 345,
                    "name": name,
                    "full_name": repository,
                    "owner": {"id": 12, "login": owner},
                }
            }
        )
        self.name_by_numbers(False)

    @property
    def answers(self) -> dict[str, Any]:
        return json.loads(self._state.read_text())

    def write(self, answers: dict[str, Any]) -> None:
        self._state.write_text(json.dumps(answers))

    def name_by_numbers(self, immutable: bool) -> None:
        """Say how tokens name the repository."""
        path = f"{self._at}/actions/oidc/customization/sub"
        self.write(self.answers | {path: {"use_immutable_subject": immutable}})

    def have(self, place: str, *branches: str, rules: Iterable[str] = ()) -> None:
        """Have an environment for some branches, or for all."""
        policy = {"protected_branches": False} if branches else None
        found = {
            "deployment_branch_policy": policy,
            "protection_rules": [{"type": rule} for rule in rules],
        }
        names = {"branch_policies": [{"name": branch} for branch in branches]}
        at = f"{self._at}/environments/{place}"
        self.write(self.answers | {at: found, f"{at}/deployment-branch-policies": names})

    def branches(self, place: str) -> list[str]:
        """The branches that may deploy to an environment."""
        found = self.answers[f"{self._at}/environments/{place}/deployment-branch-policies"]
        return [row["name"] for row in found["branch_policies"]]
