"""GP704 to GP706: what alarms watch, and what they lead to."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from golden_path.deployments import ALARMS
from golden_path.finding import Finding
from golden_path.intrinsics import as_list, dig, text
from golden_path.keys import is_of_aws, shut
from golden_path.kinds import kinds, watched
from golden_path.rules.alarm_metrics import ALARM, dimension_forms, dimensions_of, metrics_of
from golden_path.rules.base import Rule
from golden_path.rules.invocations import (
    called,
    dead_letters,
    polling,
    rotating,
    sent_to,
    streams,
)
from golden_path.stack import Resource, Stack

RUNBOOK = "docs/runbook.md"


class WatchedFunctions(Rule):
    id = "GP704"
    title = "What is invoked has the alarms of its way of invocation"
    style = True
    why = "A failure that no alarm watches is told by those whom it hurts."
    mend = "Write an alarm on that metric of that resource, like those of the golden path."

    def check(self, stack: Stack) -> Iterator[Finding]:
        seen = {
            (str(dig(metric, "Namespace")), str(dig(metric, "MetricName")), resource.id)
            for alarm in stack.of_type(ALARM)
            for _, metric in metrics_of(alarm)
            # What one version does says nothing of the others.
            if not any("ExecutedVersion" in names for names in dimension_forms(stack, metric))
            for resource in _measured(stack, dimensions_of(metric))
        }
        for resource, metrics in self._asked(stack).items():
            missing = [
                f"{namespace} {name}"
                for namespace, name in sorted(metrics)
                if (namespace, name, resource) not in seen
            ]
            if missing:
                problem = f"No alarm watches {', '.join(missing)} of {resource}."
                yield self.found(stack, stack.resources[resource], problem=problem)

    def _asked(self, stack: Stack) -> dict[str, set[tuple[str, str]]]:
        """What must be watched, by logical id."""
        asked: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
        for function in (*called(stack), *sent_to(stack), *polling(stack)):
            asked[function.id] |= set(watched("function"))
        for function in rotating(stack):
            asked[function.id] |= set(watched("rotation"))
        for _, function in streams(stack):
            asked[function.id] |= set(watched("by-stream"))
        for queue in dead_letters(stack):
            asked[queue.id] |= set(watched("dead_letters"))
        for kind in kinds():
            for source in kind.sources(stack):
                asked[source.id] |= set(kind.watched.get("source", ()))
            for function in kind.fed(stack):
                asked[function.id] |= {*watched("function"), *kind.watched.get("function", ())}
        return asked


def _measured(stack: Stack, dimensions: dict[str, Any]) -> Iterator[Resource]:
    """What dimensions name: CloudWatch knows a stage of a REST API by the name of that."""
    for value in dimensions.values():
        yield from stack.named(value)
    for stage in stack.of_type("AWS::ApiGateway::Stage") if "ApiName" in dimensions else ():
        for api in stack.named(stage.get("RestApiId"), "AWS::ApiGateway::RestApi"):
            name = api.get("Name") or dig(api.get("Body"), "info", "title")
            of_stage = dimensions.get("Stage") in (None, stage.get("StageName"))
            if of_stage and text(dimensions["ApiName"]) == text(name):
                yield stage


class Deliverable(Rule):
    id = "GP705"
    title = "An alarm reaches somebody"
    style = True
    why = "CloudWatch may not use AWS's own key of SNS, and drops what it cannot publish."
    mend = (
        "Name a topic in `AlarmActions` that has no key, or a key whose policy allows "
        "cloudwatch.amazonaws.com `kms:Decrypt` and `kms:GenerateDataKey*`."
    )

    def check(self, stack: Stack) -> Iterator[Finding]:
        gates = {
            alarm.id
            for group in stack.of_type("AWS::CodeDeploy::DeploymentGroup")
            for alarm in stack.named(group.get("AlarmConfiguration"), *ALARMS)
        }
        told: dict[str, Resource] = {}
        for alarm in stack.of_type(*ALARMS):
            actions = alarm.get("AlarmActions")
            silent = any(not as_list(form) for form in stack.resolver.each(actions))
            if silent and alarm.id not in gates:
                yield self.found(stack, alarm, "AlarmActions", problem="It tells nobody.")
            told |= {topic.id: topic for topic in stack.named(actions, "AWS::SNS::Topic")}
        for topic in told.values():
            key = topic.get("KmsMasterKeyId")
            if is_of_aws(stack, key):
                problem = "CloudWatch may not use the key alias/aws/sns: alarms are not delivered."
                yield self.found(stack, topic, "KmsMasterKeyId", problem=problem)
            for found in shut(stack, key, "cloudwatch.amazonaws.com"):
                problem = f"CloudWatch may not use {found.id}: alarms are not delivered."
                yield self.found(stack, found, "KeyPolicy", problem=problem)


class Runbook(Rule):
    id = "GP706"
    title = "Every alarm leads to its page"
    style = True
    why = "Whoever is woken at night needs a first look and a remedy, not a search."
    mend = f"End the `AlarmDescription` with `{RUNBOOK}#anchor`, and write that page."

    def check(self, stack: Stack) -> Iterator[Finding]:
        known = self._anchors(Path(stack.source.name).parent / RUNBOOK)
        for alarm in stack.of_type(*ALARMS):
            for description in stack.resolver.each(alarm.get("AlarmDescription")):
                given = text(description)
                named = re.search(rf"{re.escape(RUNBOOK)}#([\w-]+)", given)
                if re.search(r"https://\S", given) or (named and named[1] in known):
                    continue
                problem = f"{RUNBOOK} has no page {named[1]}." if named else "It names no page."
                yield self.found(stack, alarm, "AlarmDescription", problem=problem)
                break

    def _anchors(self, page: Path) -> set[str]:
        """The anchors of a page's headings, as they are made where repositories are read."""
        lines = page.read_text(encoding="utf-8").splitlines() if page.exists() else []
        headings = (found[1] for line in lines if (found := re.match(r"#+ (.+)", line)))
        return {
            re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
            for heading in headings
        }
