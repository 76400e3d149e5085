"""A driver of a rendered deliver.yml: its jobs are run one after the other, as GitHub would.

It reads the workflow as it is rendered and gives every job a fresh clone; jobs hand on artifacts
and outputs, nothing else. Each `run` goes through bash. A job becomes the roles that its steps
name, if they trust its environment, and what they may do holds. Environments with required
reviewers ask a callback, and a run waits while another is in its group. The commit's own checks are
left out: every answer set goes through them.

It does not judge: triggers, runners and their Pythons (the service's own are lent), signatures of
tokens, permissions of GitHub's own token, GitHub's settings (a stand-in for `gh` tells of them),
timeouts, and rights of the execution role, which the emulator never asks for.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.emulator.delivery import CHECKS, Delivered, hand_over
from tests.github import GitHub
from tests.installed import INSTALLED

Record = dict[str, Any]
ACCOUNT = "000000000000"
REACHING = re.compile(r"AWS_(?!.*_FILE)|STACK_NAME")  # what leads to the emulator


@dataclass
class Run:
    """A run of the workflow: how each job ended, what it said and what it handed on."""

    number: int
    approve: Callable[[Run], bool]
    results: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    summary: str = ""
    log: str = ""


class Workflow:
    """The workflow of a service whose stacks of delivery are deployed on its emulator."""

    def __init__(self, service: Delivered, folder: Path, repository: str) -> None:
        self.reviewed = {"prod"}  # the environments with required reviewers
        self._service, self._folder, self._repository = service, folder, repository
        file = service.folder / ".github/workflows/deliver.yml"
        self._content = yaml.safe_load(file.read_text())
        self._runs: list[Run] = []
        self._waiting: list[Run] = []
        (folder / "bin").mkdir()
        self._name = re.sub("@[0-9]+", "", repository)
        self._github = GitHub(folder / "bin", self._name)
        for place in ("dev", "prod-review"):
            self._github.have(place, "main")

    def release(self, approve: Callable[[Run], bool]) -> Run:
        """Run the service as it is now, and what waits for it."""
        run = Run(len(self._runs) + 1, approve)
        self._runs.append(run)
        commit = self._folder / f"{run.number}" / "commit"
        left_out = shutil.ignore_patterns(*INSTALLED, ".build", "__pycache__")
        shutil.copytree(self._service.folder, commit, ignore=left_out)
        for words in (["init"], ["add", "--all"], ["commit", "--message=release"]):
            author = ["-c", "user.name=team", "-c", "user.email=team@example.com"]
            subprocess.run(["git", *author, *words], cwd=commit, check=True, capture_output=True)
        self._waiting.append(run)
        if self._waiting[0] is run or "concurrency" not in self._content:
            self._go_through(run)
        return run

    def _go_through(self, run: Run) -> None:
        for name, job in self._content["jobs"].items():
            if run.results.get(job.get("needs"), "success") != "success":
                run.results[name] = "skipped"
            elif job.get("environment") in self.reviewed and not run.approve(run):
                run.results[name] = "rejected"
            else:
                run.results[name] = "success" if self._job(run, name, job) else "failure"
        self._waiting.remove(run)
        if self._waiting:
            self._go_through(self._waiting[0])

    def _job(self, run: Run, name: str, job: Record) -> bool:
        workplace = self._folder / f"{run.number}" / name
        asked = ["required_reviewers"] if "prod" in self.reviewed else ["wait_timer"]
        self._github.have("prod", "main", rules=asked)
        own = {"github.run_id": f"{run.number}", "github.run_attempt": "1", "github.token": "none"}
        known = own | {"vars.AWS_ACCOUNT_ID": ACCOUNT} | run.outputs
        variables = self._texts(job.get("env", {}), known)
        known |= {f"env.{key}": value for key, value in variables.items()}
        variables |= {
            "GITHUB_REPOSITORY": self._name,
            "GITHUB_STEP_SUMMARY": f"{workplace}.md",
            "PATH": f"{self._folder / 'bin'}:{os.environ['PATH']}",
        }
        for step in job["steps"]:
            given = self._texts(step.get("with", {}), known)
            match step.get("uses", "").split("@")[0]:
                case "actions/checkout":
                    self._clone(run, workplace)
                case "actions/upload-artifact":
                    self._keep(run, workplace, given["path"].split())
                case "actions/download-artifact":
                    artifact = self._folder / f"{run.number}" / "artifact"
                    shutil.copytree(artifact, workplace / given["path"], dirs_exist_ok=True)
                case "aws-actions/configure-aws-credentials":
                    assert "id-token" in job["permissions"], f"{name} has no token"
                    variables |= self.become(given["role-to-assume"], job["environment"])
                    variables["AWS_REGION"] = given["aws-region"]
                case "" if step["run"] != CHECKS:
                    its = variables | self._texts(step.get("env", {}), known)
                    if not self._bash(run, workplace, step["run"], its):
                        return False
        if Path(f"{workplace}.md").exists():
            run.summary = Path(f"{workplace}.md").read_text()
        for key, text in self._texts(job.get("outputs", {}), known).items():
            run.outputs[f"needs.{name}.outputs.{key}"] = text
        return True

    def _texts(self, values: dict[str, Any], known: dict[str, str]) -> dict[str, str]:
        """Fill in the expressions of values."""
        return {
            key: re.sub(r"\$\{\{ (.+?) \}\}", lambda found: known[found[1]], str(value))
            for key, value in values.items()
        }

    def _clone(self, run: Run, workplace: Path) -> None:
        commit = self._folder / f"{run.number}" / "commit"
        subprocess.run(["git", "clone", "--quiet", commit, workplace], check=True)
        hand_over(self._service.folder, self._folder, workplace)

    def _keep(self, run: Run, workplace: Path, paths: list[str]) -> None:
        """Keep paths below the folder that they share, as upload-artifact does: without modes."""
        artifact = self._folder / f"{run.number}" / "artifact"
        for path in paths:
            for file in [workplace / path, *(workplace / path).rglob("*")]:
                if file.is_file():
                    to = artifact / file.relative_to(workplace / os.path.commonpath(paths))
                    to.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(file, to)

    def become(self, arn: str, environment: str) -> dict[str, str]:
        """Return what a job in an environment becomes: the emulator asks what the role trusts."""
        claims = {
            "iss": "https://token.actions.githubusercontent.com",
            "aud": "sts.amazonaws.com",
            "sub": f"repo:{self._repository}:environment:{environment}",
        }
        body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
        made = self._service.client("sts").assume_role_with_web_identity(
            RoleArn=arn, RoleSessionName="job", WebIdentityToken=f"e30.{body}.unsigned"
        )
        return {
            "AWS_ENDPOINT_URL": self._service.local.endpoint,
            "AWS_ACCESS_KEY_ID": made["Credentials"]["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": made["Credentials"]["SecretAccessKey"],
            "AWS_SESSION_TOKEN": made["Credentials"]["SessionToken"],
        }

    def _bash(self, run: Run, workplace: Path, lines: str, variables: dict[str, str]) -> bool:
        """Run a step; before its job becomes a role, AWS is not to be reached."""
        own = self._service.variables.items()
        lent = {key: value for key, value in own if not REACHING.match(key)}
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", lines],
            cwd=workplace if workplace.exists() else self._folder,
            env=lent | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        run.log += f"$ {lines}\n{done.stdout}"
        return done.returncode == 0
