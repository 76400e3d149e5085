"""A driver of a rendered pipeline: stages and buildspecs are run in order, as CodePipeline would.

It reads pipeline/pipeline.yaml and the buildspecs as they are rendered, runs every command with
bash in a fresh copy of the source, makes and executes change sets as the roles that the actions
name, and asks a callback for approval. Stages are locked as by the mode QUEUED. Where two runs
could go on at the same time, the younger goes first: whatever it can spoil for the elder, it does.
The first commit alone, of the first language, goes through the commit's own checks: others differ
in a number, and the checks of each language are those that every answer set goes through.

It does not judge: the source connection and its trigger, the images and installations of CodeBuild
(the service's own are lent), who may become the roles of pipeline and projects, the artifact store
between actions, TLS, notifications, timeouts, rights of the execution role (the emulator never asks
it), environments in several accounts, and whether AWS runs stages as is said here.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml
from golden_path.document import Document

from tests.emulator.actions import act
from tests.emulator.delivery import CHECKS, Delivered, hand_over
from tests.installed import INSTALLED
from tests.languages import languages

Record = dict[str, Any]
Approve = Callable[[Record], bool]


@dataclass
class Run:
    """An execution of the pipeline: which stage comes next, and what its actions have left."""

    approve: Approve
    id: str = field(default_factory=lambda: str(uuid4()))
    status: str = "InProgress"
    stage: int = 0
    inside: bool = False
    artifacts: dict[str, Path] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)


class Pipeline:
    """The pipeline of a service whose stacks of delivery are deployed on its emulator."""

    def __init__(self, service: Delivered, folder: Path, known: dict[str, str]) -> None:
        """`known` has the values of what the pipeline refers to; `folder` is for artifacts."""
        self._service, self._folder, self._known = service, folder, known
        template = Document.read(service.folder / "pipeline/pipeline.yaml").data
        self._resources = template["Resources"]
        properties = self._resources["Pipeline"]["Properties"]
        assert properties["ExecutionMode"] == "QUEUED", "the driver knows no other mode"
        self._stages = properties["Stages"]
        self.runs: list[Run] = []

    def release(self, approve: Approve) -> Run:
        """Run the service as it is now, and what waits for it; return when nothing can go on."""
        run = Run(approve)
        self.runs.append(run)
        run.artifacts["Source"] = self._folder / run.id / "Source"
        left_out = shutil.ignore_patterns(*INSTALLED, ".build", ".git", "__pycache__")
        shutil.copytree(self._service.folder, run.artifacts["Source"], ignore=left_out)
        while free := [run for run in self.runs if self._may_go_on(run)]:
            self._enter(free[-1])
        return run

    def _may_go_on(self, run: Run) -> bool:
        elder = self.runs[: self.runs.index(run)]
        free = all(one.status != "InProgress" or one.stage > run.stage for one in elder)
        return run.status == "InProgress" and not run.inside and free

    def _enter(self, run: Run) -> None:
        run.inside = True
        actions = sorted(self._stages[run.stage]["Actions"], key=lambda one: one.get("RunOrder", 1))
        for action in actions:
            provider = action["ActionTypeId"]["Provider"]
            given = self._text(run, action.get("Configuration", {}))
            run.log.append(f"{self._stages[run.stage]['Name']}.{action['Name']}")
            if not PROVIDERS[provider](self, run, action, given):
                run.status = "Failed"
                break
        run.stage, run.inside = run.stage + 1, False
        if run.status == "InProgress" and run.stage == len(self._stages):
            run.status = "Succeeded"

    def _text(self, run: Run, value: Any) -> Any:
        """Resolve what the template and the run fill in."""
        match value:
            case {"Ref": name}:
                return self._known[name]
            case {"Fn::GetAtt": [name, attribute]}:
                return self._known[f"{name}.{attribute}"]
            case {"Fn::Sub": text}:
                return re.sub(r"\$\{([^}]+)\}", lambda found: self._known[found[1]], text)
            case dict():
                return {name: self._text(run, inner) for name, inner in value.items()}
        run.variables["codepipeline.PipelineExecutionId"] = run.id
        return re.sub(r"#\{([^}]+)\}", lambda found: run.variables[found[1]], value)

    def _build(self, run: Run, action: Record, given: Record) -> bool:
        project = self._resources[given["ProjectName"]]["Properties"]
        folder = self._folder / run.id / f"{len(run.log)}"
        shutil.copytree(run.artifacts[action["InputArtifacts"][0]["Name"]], folder)
        hand_over(self._service.folder, self._folder, folder)
        spec = yaml.safe_load((folder / project["Source"]["BuildSpec"]).read_text())
        exported = spec["env"].get("exported-variables", [])
        lines = [line for phase in spec["phases"].values() for line in phase["commands"]]
        if len(self.runs) > 1 or self._service.language != languages()[0]:
            lines = [line for line in lines if line != CHECKS]
        lines += [f'printf %s "${name}" > "{folder}.{name}"' for name in exported]
        variables = {
            one["Name"]: self._text(run, one["Value"])
            for one in project["Environment"]["EnvironmentVariables"]
        }
        for one in json.loads(given.get("EnvironmentVariables", "[]")):
            variables[one["name"]] = one["value"]
        variables["CODEBUILD_BUILD_URL"] = f"https://builds.example/{folder.name}"
        done = subprocess.run(
            ["bash", "-e", "-c", "\n".join(lines)],
            cwd=folder,
            env=self._service.variables_as([self._text(run, project["ServiceRole"])]) | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        run.log.append(done.stdout)
        if done.returncode == 0:
            for name in exported:
                text = Path(f"{folder}.{name}").read_text()
                run.variables[f"{action['Namespace']}.{name}"] = text
            for artifact in action.get("OutputArtifacts", []):
                run.artifacts[artifact["Name"]] = folder / spec["artifacts"]["base-directory"]
        return done.returncode == 0

    def _deploy(self, run: Run, action: Record, given: Record) -> bool:
        roles = [self._known["PipelineRole.Arn"], self._text(run, action["RoleArn"])]
        stacks = self._service.client_as(roles, "cloudformation")
        run.log.append(act(stacks, self._service.stacks(), given, run.artifacts))
        return run.log[-1].endswith("COMPLETE") and "ROLLBACK" not in run.log[-1]


PROVIDERS: dict[str, Callable[[Pipeline, Run, Record, Record], bool]] = {
    "CodeStarSourceConnection": lambda *_: True,  # the source lies there since the run began
    "CodeBuild": Pipeline._build,
    "CloudFormation": Pipeline._deploy,
    "Manual": lambda _pipeline, run, _action, given: run.approve(given),
}
