"""GP701 to GP703: the metrics that alarms read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from golden_path.finding import Finding
from golden_path.intrinsics import as_list, dig, references, text
from golden_path.metrics import METRICS
from golden_path.rules.base import Rule
from golden_path.rules.data import DIMENSIONS
from golden_path.stack import Resource, Stack

ALARM = "AWS::CloudWatch::Alarm"
Steps = tuple[str | int, ...]


def metrics_of(alarm: Resource) -> Iterator[tuple[Steps, Any]]:
    """Each metric that an alarm reads, with the path at which it stands."""
    if alarm.get("MetricName") is not None:
        yield (), {name: alarm.get(name) for name in ("Namespace", "MetricName", "Dimensions")}
    for number, query in enumerate(as_list(alarm.get("Metrics"))):
        metric = dig(query, "MetricStat", "Metric")
        if isinstance(metric, dict):
            yield ("Metrics", number, "MetricStat", "Metric"), metric


def dimensions_of(metric: Any) -> dict[str, Any]:
    """The dimensions of a metric as they are written, name to value."""
    found = as_list(dig(metric, "Dimensions"))
    return {str(dig(one, "Name")): dig(one, "Value") for one in found if isinstance(one, dict)}


def dimension_forms(stack: Stack, metric: Any) -> list[dict[str, Any]]:
    """The dimensions of a metric in each form that they may take."""
    forms = stack.resolver.each(dig(metric, "Dimensions"))
    return [dimensions_of({"Dimensions": form}) for form in forms]


class ExistingMetric(Rule):
    id = "GP701"
    title = "An alarm watches a metric that exists"
    why = "An alarm on a metric that nobody sends stays quiet for ever, and looks like health."
    mend = "Take metric and dimensions together from the list in the documentation of AWS."

    def check(self, stack: Stack) -> Iterator[Finding]:
        for alarm in stack.of_type(ALARM):
            for path, metric in metrics_of(alarm):
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
        given = frozenset(dimensions_of(metric))
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
            for path, metric in metrics_of(alarm):
                problems = (
                    problem
                    for dimensions in dimension_forms(stack, metric)
                    for problem in self._wrong(stack, dimensions)
                )
                for problem in problems:
                    yield self.found(stack, alarm, *path, "Dimensions", problem=problem)
                    break

    def _wrong(self, stack: Stack, dimensions: dict[str, Any]) -> Iterator[str]:
        for name, value in dimensions.items():
            given = text(value)
            for id_ in references(given) & stack.resources.keys() if name in DIMENSIONS else ():
                types, attribute = DIMENSIONS[name]
                wanted = {f"${{{id_}{attribute}}}"}
                if name == "RuleName" and stack.resources[id_].get("EventBusName") is None:
                    wanted.add(f"${{{id_}}}")
                if stack.resources[id_].type not in types or given not in wanted:
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
            # Its bare name stands for what calls the function itself.
            if known and references(resource) and resource not in {*known, function}:
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
                if queries and (found := self._wrong(queries, alarm.get("ThresholdMetricId"))):
                    path, problem = found
                    yield self.found(stack, alarm, "Metrics", *path, problem=problem)
                    break

    def _wrong(self, queries: list[dict[str, Any]], band: Any) -> tuple[Steps, str] | None:
        ids = [str(query.get("Id")) for query in queries]
        for number, id_ in enumerate(ids):
            if not re.fullmatch(r"[a-z][A-Za-z0-9_]*", id_):
                return (number, "Id"), f"{id_} is no id: one begins with a small letter."
            if id_ in ids[:number]:
                return (number, "Id"), f"Two metrics bear the id {id_}."
        used: set[str] = set()
        for number, query in enumerate(queries):
            if expression := text(query.get("Expression") or ""):
                # Ids begin with a small letter, functions and operators with a capital one.
                plain = re.sub(r"'[^']*'|\"[^\"]*\"|\$\{[^}]*\}", "", expression)
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
        # An alarm on a band compares one metric with it, and has both.
        compared = [number for number in returned if ids[number] != band]
        if len(compared) != 1:
            return (), f"{len(compared)} of its metrics return data, an alarm needs one."
        idle = sorted(set(ids) - used - {ids[number] for number in returned})
        if idle:
            return (ids.index(idle[0]), "Id"), f"Nothing computes with {', '.join(idle)}."
        periods = {
            str(dig(query, "MetricStat", "Period")) for query in queries if "MetricStat" in query
        }
        if len(periods) > 1:
            return (), f"Its metrics have different periods: {', '.join(sorted(periods))}."
        return None
