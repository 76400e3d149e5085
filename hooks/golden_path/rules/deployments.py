"""GP41x: deployments, their hook and their gates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from golden_path.deployments import Deployment, deployments
from golden_path.finding import Finding
from golden_path.intrinsics import as_list, dig, number, references, text
from golden_path.quotas import QUOTAS
from golden_path.rules.alarm_metrics import dimension_forms, metrics_of
from golden_path.rules.base import Rule
from golden_path.rules.data import METRIC_DELAY, SHIFTS
from golden_path.rules.invocations import called, polling, sent_to
from golden_path.stack import Resource, Stack

_ALARMS = ("AlarmConfiguration", "Alarms")
BUILT_IN = ("AllAtOnce", "Canary", "Linear", "CodeDeployDefault.")
"""How the names begin that CodeDeploy gives to its own."""


class ExistingType(Rule):
    id = "GP411"
    title = "The type of a deployment exists"
    why = "A name that CodeDeploy does not know fails the deployment that first comes to use it."
    mend = f"Use one of {', '.join(SHIFTS)}, or a deployment configuration of your own."

    def check(self, stack: Stack) -> Iterator[Finding]:
        told = set()
        for deployment in deployments(stack):
            where = deployment.written_at
            for form in deployment.types:
                if not isinstance(form, str) or form in SHIFTS or (where, form) in told:
                    continue
                if not form.startswith(BUILT_IN):  # the account may have one of its own
                    continue
                told.add((where, form))
                owner = deployment.function.id if where[0] == "Resources" else where[0]
                problem = f"{form} is no deployment type."
                yield self.at(stack, where, owner, problem)


class AskedHook(Rule):
    id = "GP412"
    title = "A hook is asked before traffic moves"
    style = True
    why = (
        "A function with few callers sees no traffic while it shifts: only the hook finds a "
        "version that cannot start. A hook that waits for itself finds nothing."
    )
    mend = (
        "Let `DeploymentPreference` under Globals name the hook in `Hooks`, and set "
        "`Enabled: false` in that of the hook alone."
    )

    def check(self, stack: Stack) -> Iterator[Finding]:
        moved = {deployment.function.id: deployment for deployment in deployments(stack)}
        for id_, function in stack.functions.items():
            if id_ in stack.hooks:
                if id_ in moved:
                    problem = "It is a hook, and waits for one."
                    yield self.found(stack, function, "DeploymentPreference", problem=problem)
            elif id_ not in moved and id_ in stack.aliases.values():
                yield self.found(stack, function, problem="Its traffic moves without CodeDeploy.")
            elif id_ in moved and not moved[id_].hooks:
                yield self.found(stack, function, problem="No hook is asked about its versions.")


class OwnGates(Rule):
    id = "GP413"
    title = "The gates of a deployment watch its new version"
    why = (
        "Another function's alarm stops the wrong release. One that counts both versions hardly "
        "sees the tenth that fails."
    )
    mend = "Name in `Alarms` an alarm on the function with the dimension `ExecutedVersion`."

    def check(self, stack: Stack) -> Iterator[Finding]:
        asked = {function.id for function in (*called(stack), *sent_to(stack), *polling(stack))}
        for deployment in deployments(stack):
            function, gates = deployment.function, deployment.gates
            if not gates and function.id in asked:
                yield self.found(stack, function, problem="No alarm takes its traffic back.")
            most = max(map(len, map(as_list, stack.forms(deployment.group, *_ALARMS))), default=0)
            if problem := QUOTAS["gates"].exceeded(most):
                yield self.found(stack, function, "DeploymentPreference", problem=problem)
            for alarm in gates:
                if problem := self._wrong(stack, deployment, alarm):
                    yield self.found(stack, alarm, problem=problem)

    def _wrong(self, stack: Stack, deployment: Deployment, alarm: Resource) -> str:
        function = deployment.function.id
        watched = [
            names
            for _, metric in metrics_of(alarm)
            for names in dimension_forms(stack, metric)
            if "FunctionName" in names
        ]
        for name in (text(names["FunctionName"]) for names in watched):
            if references(name) and function not in references(name):
                return f"It gates {function} and watches {name}."
        by_version = [names["ExecutedVersion"] for names in watched if "ExecutedVersion" in names]
        for version in by_version:
            found = stack.named(version, "AWS::Lambda::Version")
            owners = {text(one.get("FunctionName")) for one in found}
            if owners and owners != {f"${{{function}}}"}:
                return f"It gates {function} and watches the version {text(version)}."
        shifting = [form for form in deployment.types if form != "AllAtOnce"]
        if watched and shifting and not by_version:
            return f"It counts both versions of {function} while traffic shifts."
        return ""


class TimelyGates(Rule):
    id = "GP414"
    title = "A gate can fire before the shift is over"
    why = "An alarm that is later than the shift tells of a version that has all traffic already."
    mend = (
        "Keep `Period` times `DatapointsToAlarm`, and a minute until the metric is there, below "
        "the shortest shift; set `TreatMissingData: notBreaching`."
    )

    def check(self, stack: Stack) -> Iterator[Finding]:
        for deployment in deployments(stack):
            windows = [SHIFTS.get(form, 0) for form in deployment.types if isinstance(form, str)]
            window = min((seconds for seconds in windows if seconds), default=None)
            for alarm in deployment.gates:
                if problem := self._wrong(stack, alarm, window):
                    yield self.found(stack, alarm, problem=problem)

    def _wrong(self, stack: Stack, alarm: Resource, window: int | None) -> str:
        if "breaching" in stack.forms(alarm, "TreatMissingData"):
            return "It fires when nobody calls."
        needed = max(self._seconds(stack, alarm), default=0) + METRIC_DELAY
        if window is not None and needed > window:
            return f"It needs {needed:.0f} s to fire, the shortest shift takes {window} s."
        return ""

    def _seconds(self, stack: Stack, alarm: Resource) -> Iterator[float]:
        """The time for which the metric must be bad, in each form of the alarm."""
        queries = as_list(alarm.get("Metrics"))
        periods = [alarm.get("Period"), *(dig(query, "MetricStat", "Period") for query in queries)]
        points = alarm.get("DatapointsToAlarm") or alarm.get("EvaluationPeriods")
        for *lengths, count in stack.resolver.variants(*periods, points):
            known: list[float] = [found for one in lengths if (found := number(one)) is not None]
            if known and (times := number(count)) is not None:
                yield max(known) * times


class OpenGates(Rule):
    id = "GP416"
    title = "No gate stands where traffic moves at once"
    why = (
        "All traffic has moved before an alarm can see the new version. It sees the one that "
        "serves: where that is bad, CodeDeploy refuses the very release that mends it."
    )
    mend = (
        "Put `Alarms` under a condition that is false for AllAtOnce: `!If [Shifting, [...], []]`."
    )

    def check(self, stack: Stack) -> Iterator[Finding]:
        for deployment in deployments(stack):
            forms = stack.forms(deployment.group, *_ALARMS)
            if deployment.gates and "AllAtOnce" in deployment.types and all(forms):
                problem = f"It refuses what mends {deployment.function.id} while its alarm is on."
                yield self.found(
                    stack, deployment.function, "DeploymentPreference", problem=problem
                )


class DeploymentPermissions(Rule):
    id = "GP415"
    title = "CodeDeploy and the hook may do what a deployment needs"
    why = "What they may not do is found when the first release is waiting, and then waits an hour."
    mend = (
        "Allow the missing actions on that ARN. A function or alarm that the template names itself "
        "needs them in a policy of your own."
    )
    moves = ("lambda:GetAlias", "lambda:UpdateAlias")
    report = "codedeploy:PutLifecycleEventHookExecutionStatus"

    def check(self, stack: Stack) -> Iterator[Finding]:
        for deployment in deployments(stack):
            if deployment.function.id in stack.hooks:
                continue
            for role in stack.named(deployment.group.get("ServiceRoleArn"), "AWS::IAM::Role"):
                for actions, target in self._by_codedeploy(deployment):
                    if missing := stack.missing(role, actions, target):
                        problem = f"CodeDeploy may not {missing} of {text(target)}."
                        yield self.found(stack, role, problem=problem)
            for hook in deployment.hooks:
                for role in stack.roles_of(hook):
                    version = {"Fn::Sub": f"${{{deployment.function.id}.Arn}}:1"}
                    if missing := stack.missing(role, ("lambda:InvokeFunction",), version):
                        problem = f"{hook.id} may not {missing} of {deployment.function.id}."
                        yield self.found(stack, role, problem=problem)
        for hook in (stack.functions[id_] for id_ in sorted(stack.hooks)):
            for role in stack.roles_of(hook):
                if stack.knows(role) and not stack.may(role, self.report):
                    problem = f"{hook.id} may not {self.report}."
                    yield self.found(stack, role, problem=problem)

    def _by_codedeploy(self, deployment: Deployment) -> Iterator[tuple[tuple[str, ...], Any]]:
        yield self.moves, {"Fn::GetAtt": [deployment.function.id, "Arn"]}
        for hook in deployment.hooks:
            yield ("lambda:InvokeFunction",), {"Fn::GetAtt": [hook.id, "Arn"]}
        for alarm in deployment.gates:
            yield ("cloudwatch:DescribeAlarms",), {"Fn::GetAtt": [alarm.id, "Arn"]}
