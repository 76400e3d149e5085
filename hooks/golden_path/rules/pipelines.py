"""GP91x: the pipeline brings to production what a person saw, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from golden_path.finding import Finding
from golden_path.intrinsics import dig
from golden_path.pipelines import EXECUTES, MAKES, Action, pipelines
from golden_path.rules.base import Rule
from golden_path.stack import Stack

# The one action that waits for a person:
# https://docs.aws.amazon.com/codepipeline/latest/userguide/approvals-action-add.html
MANUAL = {"Category": "Approval", "Owner": "AWS", "Provider": "Manual"}
# What CodePipeline replaces by the id of a run, another one for each.
EXECUTION = "#{codepipeline.PipelineExecutionId}"


class Approved(Rule):
    id = "GP911"
    title = "A person approves the change set of production before it is executed"
    why = "Whatever reaches the branch reaches production, seen by nobody."
    mend = (
        "Let an action of category Approval, owner AWS and provider Manual stand in the stage of "
        "production, by its `RunOrder` after the change set is made and before it is executed."
    )

    def check(self, stack: Stack) -> Iterator[Finding]:
        for pipeline in pipelines(stack):
            approvals = [action for action in pipeline.actions if action.approves]
            for action in approvals:
                kind = dig(action.body, "ActionTypeId")
                if any(dig(kind, part) != wanted for part, wanted in MANUAL.items()):
                    problem = f"{action.name} is no approval by a person."
                    path = (*action.path, "ActionTypeId")
                    yield self.found(stack, pipeline.resource, *path, problem=problem)
            executing = [stage for stage in pipeline.stages if stage.doing(EXECUTES)]
            for stage in executing[-1:]:
                for executed in stage.doing(EXECUTES):
                    made = [one for one in stage.doing(MAKES) if one.order < executed.order]
                    seen = max((one.order for one in made), default=0)
                    between = [
                        one
                        for one in approvals
                        if one.stage == stage.name and seen < one.order < executed.order
                    ]
                    if not between:
                        problem = f"{stage.name} executes a change set that nobody approved."
                        path = executed.path
                        yield self.found(stack, pipeline.resource, *path, problem=problem)


class MadeHere(Rule):
    id = "GP912"
    title = "A stage executes the change set that it made"
    why = (
        "A stage is locked for one run: a change set that another stage makes, or no stage, is "
        "not the one that was looked at."
    )
    mend = (
        "Make the change set once, by CHANGE_SET_REPLACE, earlier in the stage that executes it, "
        "with the same `ChangeSetName`, `StackName`, region and role."
    )

    def check(self, stack: Stack) -> Iterator[Finding]:
        for pipeline in pipelines(stack):
            making = pipeline.doing(MAKES)
            for action in pipeline.actions:
                if problem := self._wrong(action, making):
                    yield self.found(stack, pipeline.resource, *action.path, problem=problem)

    def _wrong(self, action: Action, making: list[Action]) -> str:
        if not action.deploys or action.mode == MAKES:
            return ""
        if action.mode != EXECUTES:
            return f"{action.name} deploys by {action.mode}, without a change set to look at."
        same = [one for one in making if one.change_set == action.change_set]
        here = [one for one in same if one.stage == action.stage and one.order < action.order]
        if not here:
            return f"{action.stage} executes a change set that it did not make before."
        return "" if same == here[:1] else f"{action.name} executes what is made more than once."


class NamedByExecution(Rule):
    id = "GP913"
    title = "A change set bears the name of its run"
    why = "Under one name for all, a later run replaces the change set that was approved."
    mend = f"Let `ChangeSetName` hold `{EXECUTION}`."

    def check(self, stack: Stack) -> Iterator[Finding]:
        for pipeline in pipelines(stack):
            for action in pipeline.doing(MAKES):
                if EXECUTION not in action.setting("ChangeSetName"):
                    problem = f"The change set of {action.stage} has one name in every run."
                    path = (*action.path, "Configuration", "ChangeSetName")
                    yield self.found(stack, pipeline.resource, *path, problem=problem)


class BuiltOnce(Rule):
    id = "GP914"
    title = "Every environment gets what was built once"
    why = "What production gets from a build of its own was tested nowhere."
    mend = (
        "Build in one action before the first deployment, and let every change set take template "
        "and configuration from its artifact."
    )

    def check(self, stack: Stack) -> Iterator[Finding]:
        for pipeline in pipelines(stack):
            making = pipeline.doing(MAKES)
            first = min(making[0].takes, default="") if making else ""
            for action in making:
                if action.takes != {first}:
                    others = ", ".join(sorted(action.takes - {first}))
                    problem = f"{action.stage} takes {others}, not {first}."
                    path = (*action.path, "Configuration")
                    yield self.found(stack, pipeline.resource, *path, problem=problem)
            made_by = [action for action in pipeline.actions if first in action.gives]
            if making and [action.category for action in made_by] != ["Build"]:
                problem = f"It deploys {first}, which no build makes."
                yield self.found(stack, pipeline.resource, *making[0].path, problem=problem)


class Queued(Rule):
    id = "GP915"
    title = "Runs of a pipeline wait for each other"
    why = "In another mode a run overtakes the one that waits for approval, or takes its place."
    mend = "Set `PipelineType: V2` and `ExecutionMode: QUEUED`."

    def check(self, stack: Stack) -> Iterator[Finding]:
        for pipeline in stack.of_type("AWS::CodePipeline::Pipeline"):
            for name, wanted in (("PipelineType", "V2"), ("ExecutionMode", "QUEUED")):
                if any(form != wanted for form in stack.forms(pipeline, name)):
                    problem = f"Its {name} is not {wanted}."
                    yield self.found(stack, pipeline, name, problem=problem)


class NoRollbackOnRejection(Rule):
    id = "GP916"
    title = "A rejection rolls nothing back"
    why = "To a stage, a rejected approval is a failure: production would go back a release."
    mend = "Drop `OnFailure` with the result ROLLBACK from the stage of the approval."

    def check(self, stack: Stack) -> Iterator[Finding]:
        for pipeline in pipelines(stack):
            for stage in pipeline.stages:
                asks = any(action.approves for action in stage.actions)
                if asks and dig(stage.body, "OnFailure", "Result") == "ROLLBACK":
                    problem = f"A rejection in {stage.name} rolls production back."
                    path = (*stage.path, "OnFailure")
                    yield self.found(stack, pipeline.resource, *path, problem=problem)
