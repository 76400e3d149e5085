"""GP7xx: alarms, and what they lead to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from golden_path.finding import Finding
from golden_path.intrinsics import as_list, dig, references, text
from golden_path.metrics import METRICS
from golden_path.rules.base import Rule
from golden_path.rules.data import (
    ASYNCHRONOUS_CALLERS,
    DIMENSIONS,
    KEY_ACTIONS,
    SYNCHRONOUS_CALLERS,
    WATCHED,
)
from golden_path.stack import Resource, Stack, matches

ALARM = "AWS::CloudWatch::Alarm"
ALARMS = (ALARM, "AWS::CloudWatch::CompositeAlarm")
RUNBOOK = "docs/runbook.md"
Steps = tuple[str | int, ...]


def _metrics(alarm: Resource) -> Iterator[tuple[Steps, Any]]:
    """Each metric that an alarm reads, with the path at which it stands."""
    if alarm.get("MetricName") is not None:
        yield (), {name: alarm.get(name) for name in ("Namespace", "MetricName", "Dimensions")}
    for number, query in enumerate(as_list(alarm.get("Metrics"))):
        metric = dig(query, "MetricStat", "Metric")
        if isinstance(metric, dict):
            yield ("Metrics", number, "MetricStat", "Metric"), metric


def _dimensions(metric: Any) -> dict[str, Any]:
    found = as_list(dig(metric, "Dimensions"))
    return {str(dig(one, "Name")): dig(one, "Value") for one in found if isinstance(one, dict)}


class ExistingMetric(Rule):
    id = "GP701"
    title = "An alarm watches a metric that exists"
    why = "An alarm on a metric that nobody sends stays quiet for ever, and looks like health."
    mend = "Take metric and dimensions together from the list in the documentation of AWS."

    def check(self, stack: Stack) -> Iterator[Finding]:
        for alarm in stack.of_type(ALARM):
            for path, metric in _metrics(alarm):
                for form in stack.resolver.each(metric):
                    if found := self._wrong(form):
                        name, problem = found
                        yield self.found(stack, alarm, *path, name, problem=problem)
                        break

    def _wrong(self, metric: Any) -> tuple[str, str] | None:
        namespace, name = dig(metric, "Namespace"), dig(metric, "MetricName")
        if not isinstance(namespace, str) or not isinstance(name, str):
            return None
        known = METRICS.get(namespace)
        if known is None:
            return None
        if name not in known:
            return "MetricName", f"{namespace} has no metric {name}."
        given = frozenset(_dimensions(metric))
        if given not in known[name]:
            shown = ", ".join(sorted(given)) or "no dimension"
            return "Dimensions", f"{namespace} {name} is not sent by {shown}."
        return None


class OwnDimensions(Rule):
    id = "GP702"
    title = "The dimensions of an alarm name resources as CloudWatch does"
    why = "A queue's URL in the place of its name is a metric of nothing: the alarm never fires."
    mend = "Refer to the resource: `!Ref` a function, table or API, `!GetAtt X.QueueName` a queue."

    def check(self, stack: Stack) -> Iterator[Finding]:
        for alarm in stack.of_type(ALARM):
            for path, metric in _metrics(alarm):
                problems = (
                    problem
                    for form in stack.resolver.each(dig(metric, "Dimensions"))
                    for problem in self._wrong(stack, _dimensions({"Dimensions": form}))
                )
                for problem in problems:
                    yield self.found(stack, alarm, *path, "Dimensions", problem=problem)
                    break

    def _wrong(self, stack: Stack, dimensions: dict[str, Any]) -> Iterator[str]:
        for name, value in dimensions.items():
            given = text(value)
            for id_ in references(given) & stack.resources.keys() if name in DIMENSIONS else ():
                types, attribute = DIMENSIONS[name]
                wanted = f"${{{id_}{attribute}}}"
                if stack.resources[id_].type not in types or given != wanted:
                    yield f"{name} is {given}, which is no name of {types[0]}."
        if "Resource" in dimensions and "FunctionName" in dimensions:
            function, resource = text(dimensions["FunctionName"]), text(dimensions["Resource"])
            aliases = {
                str(alias.get("Name"))
                for alias in stack.of_type("AWS::Lambda::Alias")
                if function in stack.texts(alias.get("FunctionName"))
            }
            known = {f"{function}:{alias}" for alias in aliases}
            # Where there is no alias, another rule says so; what is no reference, AWS alone knows.
            if known and references(resource) and resource not in known:
                yield f"Resource is {resource}, which is no alias of {function}."


class MetricMath(Rule):
    id = "GP703"
    title = "Metric math computes with the metrics that stand beside it"
    why = "CloudWatch refuses an unknown id at best, or watches something else than was meant."
    mend = "Name each metric by an id of its own, use it in the expression, and return one value."

    def check(self, stack: Stack) -> Iterator[Finding]:
        for alarm in stack.of_type(ALARM):
            for form in stack.resolver.each(alarm.get("Metrics")):
                queries = [query for query in as_list(form) if isinstance(query, dict)]
                if queries and (found := self._wrong(queries)):
                    path, problem = found
                    yield self.found(stack, alarm, "Metrics", *path, problem=problem)
                    break

    def _wrong(self, queries: list[dict[str, Any]]) -> tuple[Steps, str] | None:
        ids = [str(query.get("Id")) for query in queries]
        for number, id_ in enumerate(ids):
            if not re.fullmatch(r"[a-z][A-Za-z0-9_]*", id_):
                return (number, "Id"), f"{id_} is no id: one begins with a small letter."
            if id_ in ids[:number]:
                return (number, "Id"), f"Two metrics bear the id {id_}."
        used: set[str] = set()
        for number, query in enumerate(queries):
            if isinstance(expression := query.get("Expression"), str):
                # Ids begin with a small letter, functions and operators with a capital one.
                plain = re.sub(r"'[^']*'|\"[^\"]*\"", "", expression)
                named = set(re.findall(r"(?<![\w.])[a-z]\w*", plain))
                if unknown := sorted(named - set(ids)):
                    return (number, "Expression"), f"No metric has the id {', '.join(unknown)}."
                # SEARCH and METRICS() choose by text; what they choose cannot be told here.
                used |= set(ids) if "METRICS(" in expression else named
        returned = [
            number
            for number, query in enumerate(queries)
            if str(query.get("ReturnData", True)).lower() != "false"
        ]
        if len(returned) != 1:
            return (), f"{len(returned)} of its metrics return data, an alarm needs one."
        idle = sorted(set(ids) - used - {ids[returned[0]]})
        if idle:
            return (ids.index(idle[0]), "Id"), f"Nothing computes with {', '.join(idle)}."
        periods = {
            str(dig(query, "MetricStat", "Period")) for query in queries if "MetricStat" in query
        }
        if len(periods) > 1:
            return (), f"Its metrics have different periods: {', '.join(sorted(periods))}."
        return None


class WatchedFunctions(Rule):
    id = "GP704"
    title = "What is invoked has the alarms of its way of invocation"
    why = "A failure that no alarm watches is told by those whom it hurts."
    mend = "Write an alarm on that metric of that resource, like those of the golden path."

    def check(self, stack: Stack) -> Iterator[Finding]:
        watched = {
            (str(dig(metric, "Namespace")), str(dig(metric, "MetricName")), resource.id)
            for alarm in stack.of_type(ALARM)
            for _, metric in _metrics(alarm)
            for value in _dimensions(metric).values()
            for resource in stack.named(value)
        }
        for way, resource in self._asked(stack):
            missing = [
                f"{namespace} {name}"
                for namespace, name in WATCHED[way]
                if (namespace, name, resource.id) not in watched
            ]
            if missing:
                problem = f"No alarm watches {', '.join(missing)} of {resource.id}."
                yield self.found(stack, resource, problem=problem)

    def _asked(self, stack: Stack) -> Iterator[tuple[str, Resource]]:
        """Each resource that must be watched, once for each thing that it is."""
        asked: dict[tuple[str, str], Resource] = {}
        for function in (*_called(stack), *_sent_to(stack), *_polling(stack)):
            asked["function", function.id] = function
        for queue in _dead_letters(stack):
            asked["dead letters", queue.id] = queue
        for mapping in stack.of_type("AWS::Lambda::EventSourceMapping"):
            for queue in stack.named(mapping.get("EventSourceArn"), "AWS::SQS::Queue"):
                asked["queue", queue.id] = queue
        for way, kind in (
            ("HTTP API", "AWS::ApiGatewayV2::Api"),
            ("schedules", "AWS::Scheduler::ScheduleGroup"),
        ):
            for resource in stack.of_type(kind):
                asked[way, resource.id] = resource
        for (way, _), resource in asked.items():
            yield way, resource


def _permitted(stack: Stack, callers: frozenset[str]) -> Iterator[Resource]:
    for permission in stack.of_type("AWS::Lambda::Permission"):
        if callers & set(stack.texts(permission.get("Principal"))):
            yield from stack.invoked(permission.get("FunctionName"))


def _called(stack: Stack) -> Iterator[Resource]:
    """The functions whose caller waits."""
    yield from _permitted(stack, SYNCHRONOUS_CALLERS)
    for url in stack.of_type("AWS::Lambda::Url"):
        yield from stack.invoked(url.get("TargetFunctionArn"))


def _sent_to(stack: Stack) -> Iterator[Resource]:
    """The functions that events are sent to, and that Lambda invokes again when they fail."""
    yield from _permitted(stack, ASYNCHRONOUS_CALLERS)
    for schedule in stack.of_type("AWS::Scheduler::Schedule"):
        yield from stack.invoked(schedule.get("Target", "Arn"))
    for config in stack.of_type("AWS::Lambda::EventInvokeConfig"):
        yield from stack.invoked(config.get("FunctionName"))


def _polling(stack: Stack) -> Iterator[Resource]:
    """The functions for which Lambda fetches batches."""
    for mapping in stack.of_type("AWS::Lambda::EventSourceMapping"):
        yield from stack.invoked(mapping.get("FunctionName"))


def _dead_letters(stack: Stack) -> Iterator[Resource]:
    """The queues of this template in which failed work ends."""
    places = (
        ("AWS::SQS::Queue", "RedrivePolicy", "deadLetterTargetArn"),
        ("AWS::Lambda::Function", "DeadLetterConfig", "TargetArn"),
        ("AWS::Lambda::EventInvokeConfig", "DestinationConfig", "OnFailure"),
        ("AWS::Lambda::EventSourceMapping", "DestinationConfig", "OnFailure"),
        ("AWS::Scheduler::Schedule", "Target", "DeadLetterConfig"),
    )
    for kind, *path in places:
        for resource in stack.of_type(kind):
            found = stack.named(stack.forms(resource, *path), "AWS::SQS::Queue")
            # A queue that is its own dead-letter queue is another rule's affair.
            yield from (queue for queue in found if queue.id != resource.id)


class Deliverable(Rule):
    id = "GP705"
    title = "An alarm reaches somebody"
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
            if any(given.endswith("alias/aws/sns") for given in stack.texts(key)):
                problem = "CloudWatch may not use the key alias/aws/sns: alarms are not delivered."
                yield self.found(stack, topic, "KmsMasterKeyId", problem=problem)
            for found in self._keys(stack, key):
                if not self._admits(stack, found):
                    problem = f"CloudWatch may not use {found.id}: alarms are not delivered."
                    yield self.found(stack, found, "KeyPolicy", problem=problem)

    def _keys(self, stack: Stack, value: Any) -> list[Resource]:
        through_alias = [
            key
            for alias in stack.named(value, "AWS::KMS::Alias")
            for key in stack.named(alias.get("TargetKeyId"), "AWS::KMS::Key")
        ]
        return [*stack.named(value, "AWS::KMS::Key"), *through_alias]

    def _admits(self, stack: Stack, key: Resource) -> bool:
        return all(
            all(
                any(self._allows(stack, statement, action) for statement in statements)
                for action in KEY_ACTIONS
            )
            for form in stack.resolver.each(key.get("KeyPolicy"))
            for statements in [as_list(dig(form, "Statement"))]
        )

    def _allows(self, stack: Stack, statement: Any, action: str) -> bool:
        principals = stack.texts(dig(statement, "Principal", "Service"))
        return (
            dig(statement, "Effect") == "Allow"
            and "cloudwatch.amazonaws.com" in principals
            and any(matches(given, action) for given in stack.texts(dig(statement, "Action")))
        )


class Runbook(Rule):
    id = "GP706"
    title = "Every alarm leads to its page"
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
