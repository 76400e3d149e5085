"""The pipelines of a template, stage after stage, in each form that they may take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from golden_path.intrinsics import as_list, dig, number, text
from golden_path.stack import Path, Resource, Stack

# https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CloudFormation.html
MAKES, EXECUTES = "CHANGE_SET_REPLACE", "CHANGE_SET_EXECUTE"


@dataclass(frozen=True)
class Action:
    """One action of a stage."""

    stage: str
    name: str
    path: Path
    order: float
    body: dict[str, Any] = field(repr=False)

    @property
    def category(self) -> Any:
        """What sort of action it is."""
        return dig(self.body, "ActionTypeId", "Category")

    @property
    def provider(self) -> Any:
        """Whose action it is."""
        return dig(self.body, "ActionTypeId", "Provider")

    @property
    def approves(self) -> bool:
        """Whether it is meant to ask a person."""
        return self.category == "Approval" or self.provider == "Manual"

    @property
    def deploys(self) -> bool:
        """Whether CloudFormation does it."""
        return self.provider == "CloudFormation"

    @property
    def mode(self) -> str:
        """What CloudFormation does."""
        return self.setting("ActionMode")

    @property
    def change_set(self) -> tuple[str, ...]:
        """The change set that it makes or executes: its name, stack, region and account."""
        named = (self.setting("ChangeSetName"), self.setting("StackName"))
        return (*named, text(self.body.get("Region", "")), text(self.body.get("RoleArn", "")))

    @property
    def roles(self) -> list[Any]:
        """The roles that it becomes, or hands to CloudFormation."""
        given = (self.body.get("RoleArn"), dig(self.body, "Configuration", "RoleArn"))
        return [role for role in given if role]

    @property
    def takes(self) -> set[str]:
        """The artifacts that template and configuration of a change set come from."""
        files = (self.setting("TemplatePath"), self.setting("TemplateConfiguration"))
        return {file.partition("::")[0] for file in files if file}

    @property
    def gives(self) -> set[str]:
        """The artifacts that it makes."""
        given = as_list(self.body.get("OutputArtifacts"))
        return {text(dig(artifact, "Name")) for artifact in given}

    def setting(self, name: str) -> str:
        """An entry of its configuration."""
        return text(dig(self.body, "Configuration", name) or "")


@dataclass(frozen=True)
class Stage:
    """One stage with its actions."""

    name: str
    path: Path
    body: dict[str, Any] = field(repr=False)
    actions: list[Action] = field(repr=False)

    def doing(self, mode: str) -> list[Action]:
        """Its actions that make, or that execute, a change set."""
        return [action for action in self.actions if action.deploys and action.mode == mode]


@dataclass(frozen=True)
class Pipeline:
    """One form of a pipeline."""

    resource: Resource
    stages: list[Stage]

    @property
    def actions(self) -> list[Action]:
        """All its actions, stage after stage."""
        return [action for stage in self.stages for action in stage.actions]

    def doing(self, mode: str) -> list[Action]:
        """Those of its actions that make, or that execute, a change set."""
        return [action for stage in self.stages for action in stage.doing(mode)]


def pipelines(stack: Stack) -> Iterator[Pipeline]:
    """Every pipeline, once for each form it may take."""
    for resource in stack.of_type("AWS::CodePipeline::Pipeline"):
        for form in stack.forms(resource, "Stages"):
            yield Pipeline(resource, [_stage(resource, body) for body in _mappings(form)])


def _stage(resource: Resource, body: dict[str, Any]) -> Stage:
    name = text(body.get("Name"))
    path = _place(resource.get("Stages"), name, ("Stages",))
    written = resource.get(*path, "Actions")
    actions = [
        Action(
            name,
            text(action.get("Name")),
            _place(written, text(action.get("Name")), (*path, "Actions")),
            number(action.get("RunOrder", 1)) or 1,
            action,
        )
        for action in _mappings(body.get("Actions"))
    ]
    return Stage(name, path, body, actions)


def _place(written: Any, name: str, path: Path) -> Path:
    """Where the source has the entry of this name: a condition may have moved its form."""
    entries = written if isinstance(written, list) else []
    found = (i for i, entry in enumerate(entries) if text(dig(entry, "Name")) == name)
    return next(((*path, i) for i in found), path)


def _mappings(value: Any) -> list[dict[str, Any]]:
    return [part for part in as_list(value) if isinstance(part, dict)]
