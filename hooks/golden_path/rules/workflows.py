"""GP321 to GP325: state machines, and the functions that their tasks call."""

from __future__ import annotations

from collections.abc import Iterator

from golden_path.definitions import (
    MACHINE,
    NAMED,
    Definition,
    State,
    definitions,
    substitutions,
)
from golden_path.finding import Finding
from golden_path.intrinsics import as_list, dig, number, truth
from golden_path.rules.base import Rule
from golden_path.stack import Resource, Stack

# https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html
REFUSED = (
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
)
ALL = "States.ALL"
ANY = {ALL, "States.TaskFailed"}
# https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
DELIVERS = (
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
)
TRACES = (
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
)


def _at(rule: Rule, definition: Definition, *path: str | int, problem: str) -> Finding:
    """A breach at a place of a definition."""
    name, machine = definition.document.name, definition.machine.id
    return Finding(name, definition.line(*path), rule.id, machine, problem, rule.mend)


def _calls(stack: Stack) -> Iterator[tuple[Definition, State, list[Resource]]]:
    """Each task that calls a function, with those of the template that it may be."""
    for definition in definitions(stack):
        for state in definition.states():
            if state.called is not None:
                found = NAMED.fullmatch(state.called)
                given = definition.substitutions.get(found[1]) if found else None
                yield definition, state, stack.invoked(given)


class NamedFunctions(Rule):
    id = "GP321"
    title = "A machine and its tasks name the same functions"
    why = (
        "What a task names and the machine does not give is called by no alias, or does not exist; "
        "a function that no task names is never called."
    )
    mend = (
        "Name the alias under `DefinitionSubstitutions`, and that name in a task: "
        '`"FunctionName": "${<Name>Function}"`.'
    )

    def check(self, stack: Stack) -> Iterator[Finding]:
        for definition in definitions(stack):
            unknown = list(self._unknown(definition))
            yield from unknown
            given = definition.substitutions
            for name in sorted(given.keys() - definition.names()) if not unknown else ():
                for function in stack.invoked(given[name]):
                    yield self.found(
                        stack,
                        definition.machine,
                        "DefinitionSubstitutions",
                        problem=f"No task calls {function.id}.",
                    )

    def _unknown(self, definition: Definition) -> Iterator[Finding]:
        """What a state names, and the machine does not give."""
        for state in definition.states():
            if state.called is not None and not NAMED.fullmatch(state.called):
                problem = f"{state.name} calls {state.called}, which may be no alias of ours."
                yield _at(self, definition, *state.place, problem=problem)
            for name in sorted(state.names - definition.substitutions.keys()):
                problem = f"{state.name} names {name}, for which nothing stands."
                yield _at(self, definition, *state.place, problem=problem)


class Ending(Rule):
    id = "GP322"
    title = "An execution ends, and no sooner than its functions"
    why = (
        "Without a timeout a lost answer holds an execution for a year; a task that gives up "
        "before its function lets that go on working for nobody."
    )
    mend = (
        "Set `TimeoutSeconds` on the machine and on each task; on one that calls a function, more "
        "than the function's `Timeout`."
    )

    def check(self, stack: Stack) -> Iterator[Finding]:
        for definition in definitions(stack):
            if "TimeoutSeconds" not in definition.body:
                yield _at(self, definition, problem="An execution may last for a year.")
            for state in definition.states():
                limits = {"TimeoutSeconds", "TimeoutSecondsPath"} & state.body.keys()
                if state.body.get("Type") == "Task" and not limits:
                    problem = f"{state.name} waits for as long as the execution lasts."
                    yield _at(self, definition, *state.place, problem=problem)
        for definition, state, functions in _calls(stack):
            patience = number(state.body.get("TimeoutSeconds"))
            for function in functions:
                lasts = max(number(one) or 0 for one in stack.forms(function, "Timeout"))
                if patience is not None and patience <= lasts:
                    problem = f"{state.name} gives up no later than {function.id}, in {lasts:g} s."
                    place = (*state.place, "TimeoutSeconds")
                    yield _at(self, definition, *place, problem=problem)


class Caught(Rule):
    id = "GP323"
    title = "A task tries again what Lambda refuses, and hands on what fails"
    why = (
        "Lambda refuses now and then what it would take a second later; a failure that nothing "
        "catches leaves what earlier states have done as it is."
    )
    mend = (
        f"Give the task a `Retry` for {', '.join(REFUSED)}, and a `Catch` whose last entry is for "
        f"{ALL}."
    )

    def check(self, stack: Stack) -> Iterator[Finding]:
        for definition, state, _functions in _calls(stack):
            retried = _errors(state.body.get("Retry"))
            left = [] if ANY & set(retried) else [one for one in REFUSED if one not in retried]
            if left:
                problem = f"{state.name} does not try again after {', '.join(left)}."
                yield _at(self, definition, *state.place, *_own(state, "Retry"), problem=problem)
            catchers = as_list(state.body.get("Catch"))
            if not catchers or ALL not in _errors(catchers[-1:]):
                problem = f"{state.name} has errors that it does not catch."
                yield _at(self, definition, *state.place, *_own(state, "Catch"), problem=problem)


def _own(state: State, name: str) -> tuple[str, ...]:
    return (name,) if name in state.body else ()


def _errors(entries: object) -> list[str]:
    """The names of errors that retriers or catchers are for."""
    found = (error for entry in as_list(entries) for error in as_list(dig(entry, "ErrorEquals")))
    return [error for error in found if isinstance(error, str)]


class Connected(Rule):
    id = "GP324"
    title = "Every state leads to one that exists"
    why = "AWS refuses a definition with a name that no state has, in the midst of a deployment."
    mend = "Name a state of the same `States`."

    def check(self, stack: Stack) -> Iterator[Finding]:
        for definition in definitions(stack):
            start, states = definition.body.get("StartAt"), dig(definition.body, "States")
            if start not in (list(states) if isinstance(states, dict) else ()):
                problem = f"It starts at {start}, which is none of its states."
                yield _at(self, definition, "StartAt", problem=problem)
            for state in definition.states():
                for path, following in _following(state):
                    if following not in state.beside:
                        problem = f"{state.name} leads to {following}, which is no state."
                        yield _at(self, definition, *state.place, *path, problem=problem)


def _following(state: State) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Where a state leads to, and where it says so."""
    for name in ("Next", "Default"):
        if isinstance(state.body.get(name), str):
            yield (name,), state.body[name]
    for name in ("Catch", "Choices"):
        for place, entry in enumerate(as_list(state.body.get(name))):
            if isinstance(following := dig(entry, "Next"), str):
                yield (name, place, "Next"), following


class Telling(Rule):
    id = "GP325"
    title = "A state machine invokes, logs and traces with rights of its own"
    why = (
        "Without logs and traces nobody sees where an execution spends its time; without a right "
        "every execution fails at its first task."
    )
    mend = (
        "Set `Logging` with a level and a log group, and `Tracing`; allow the machine's role "
        "`lambda:InvokeFunction` on the aliases, and on `*` the delivery of logs and traces."
    )

    def check(self, stack: Stack) -> Iterator[Finding]:
        for machine in stack.of_type(MACHINE):
            levels = stack.forms(machine, "LoggingConfiguration", "Level")
            targets = stack.forms(machine, "LoggingConfiguration", "Destinations")
            if {None, False, "OFF"} & set(levels) or None in targets:
                yield self.found(stack, machine, "Logging", problem="It logs nothing.")
            traced = stack.forms(machine, "TracingConfiguration", "Enabled")
            if not all(truth(one) is not False and one is not None for one in traced):
                yield self.found(stack, machine, "Tracing", problem="It is not traced.")
            for role in stack.named(machine.get("RoleArn"), "AWS::IAM::Role"):
                missing = stack.missing(role, (*DELIVERS, *TRACES), "*")
                for given in substitutions(machine).values():
                    if stack.named(given, "AWS::Lambda::Alias"):
                        missing = missing or stack.missing(role, ["lambda:InvokeFunction"], given)
                if missing:
                    problem = f"{machine.id} runs with it, and it lacks {missing}."
                    yield self.found(stack, role, problem=problem)
