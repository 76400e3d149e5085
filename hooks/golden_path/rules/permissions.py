"""GP11x and GP12x: what roles may do, too much and too little."""

from __future__ import annotations

import re
from collections.abc import Iterator

from golden_path.aws import knows_no_resource
from golden_path.finding import Finding
from golden_path.kinds import Wildcard, kinds, mappings
from golden_path.rules.base import Rule
from golden_path.rules.data import REVIEWED_WILDCARDS, SEND_ACTIONS
from golden_path.rules.invocations import destinations, source_of
from golden_path.stack import Stack, Statement, matches
from golden_path.trust import LIKE, wanted

# `*`, or an ARN that names no resource at all: `…:*`, `…:table/*`, `…:log-group:*`, `…:/apis/*`.
# An ARN of S3 begins with the bucket's name, where others have a type.
_EVERY_RESOURCE = re.compile(
    r"\*|arn:[^:]*:s3:::\*.*"
    r"|arn:[^:]*:(?!s3:)[^:]*:[^:]*:[^:]*:(/?[A-Za-z-]+[:/])?\*(:\*)*"
)
_PLACEHOLDER = re.compile(r"\$\{[^}]*\}")
_INVOKE = "lambda:InvokeFunction"


def reviewed() -> list[Wildcard]:
    """The wildcards that stacks beside the service may have."""
    return [*REVIEWED_WILDCARDS, *(row for kind in kinds() for row in kind.wildcards)]


def _reaches_everything(resource: str) -> bool:
    # Placeholders such as ${AWS::Region} hold colons of their own; one names something, as no type
    # of a resource does.
    return _EVERY_RESOURCE.fullmatch(_PLACEHOLDER.sub("0", resource)) is not None


class NoWildcardAction(Rule):
    id = "GP111"
    title = "No wildcard in an action"
    why = "A wildcard grants today's actions and every one that AWS adds later."
    mend = "Name each action that the code calls."

    def check(self, stack: Stack) -> Iterator[Finding]:
        for statement in stack.statements:
            path = (*statement.path, "Action")
            wild = [action for action in statement.actions if "*" in action or "?" in action]
            if wild:
                problem = f"It allows {', '.join(wild)}."
                yield self.found(stack, statement.holder, *path, problem=problem)
            if "NotAction" in statement.body:
                problem = "`NotAction` allows everything that it does not name."
                yield self.found(stack, statement.holder, *statement.path, problem=problem)


class NoWildcardResource(Rule):
    id = "GP112"
    title = "No wildcard resource, save for actions that know no resource"
    why = "A statement on every resource reaches other services of the account as well."
    mend = "Name the ARN; split off actions that have no resource level into their own statement."

    def check(self, stack: Stack) -> Iterator[Finding]:
        for statement in stack.statements:
            path = (*statement.path, "Resource")
            bounded = [act for act in statement.actions if not knows_no_resource(act)]
            wild = [name for name in statement.resources if _reaches_everything(name)]
            if not stack.serves:
                wild = [name for name in wild if not self._reviewed(stack, statement, name)]
            if wild and bounded:
                problem = f"It allows {', '.join(bounded)} on {', '.join(wild)}."
                yield self.found(stack, statement.holder, *path, problem=problem)
            if "NotResource" in statement.body:
                problem = "`NotResource` allows every resource that it does not name."
                yield self.found(stack, statement.holder, *statement.path, problem=problem)

    def _reviewed(self, stack: Stack, statement: Statement, resource: str) -> bool:
        """Whether each action may have this wildcard, under the conditions of the statement."""
        return all(
            any(
                matches(pattern, resource)
                and action in actions
                and (not key or any(wanted(stack, statement.body, key, *LIKE)))
                for pattern, key, actions in reviewed()
            )
            for action in statement.actions
            if not knows_no_resource(action)
        )


class NoCallsBetweenFunctions(Rule):
    id = "GP113"
    title = "No function of the service calls another one"
    style = True
    why = (
        "A caller waits and pays for both, and its failures and limits become one with the other's."
    )
    mend = "Compose functions by events, a queue or a state machine."

    def check(self, stack: Stack) -> Iterator[Finding]:
        # A hook is made to call the others: it asks them whether they can work.
        for function in stack.functions.values():
            for role in stack.roles_of(function) if function.id not in stack.hooks else ():
                for statement in stack.statements_of(role):
                    if not statement.allows(_INVOKE):
                        continue
                    called = stack.invoked(statement.body.get("Resource"))
                    others = [other.id for other in called if other.id != function.id]
                    if others:
                        problem = f"{function.id} may call {', '.join(others)}."
                        path = (*statement.path, "Resource")
                        yield self.found(stack, statement.holder, *path, problem=problem)


class PollerPermissions(Rule):
    id = "GP121"
    title = "The role of a function that polls a source may poll it"
    why = "Lambda polls with the function's role; without these the event source never works."
    mend = "Allow the missing actions on that source's ARN."

    def check(self, stack: Stack) -> Iterator[Finding]:
        for mapping, function, polled in mappings(stack):
            actions = sorted({action for kind in polled for action in kind.polls})
            for role in stack.roles_of(function):
                if missing := stack.missing(role, actions, mapping.get("EventSourceArn")):
                    problem = f"{function.id} polls {source_of(stack, mapping)} without {missing}."
                    yield self.found(stack, role, problem=problem)


class LogPermissions(Rule):
    id = "GP122"
    title = "The role of a function may write to its log group"
    why = "Without these the function works and leaves no trace of what it did."
    mend = "Allow the missing actions on the ARN of the function's own log group."
    actions = ("logs:CreateLogStream", "logs:PutLogEvents")

    def check(self, stack: Stack) -> Iterator[Finding]:
        for function in stack.functions.values():
            groups = stack.forms(function, "LoggingConfig", "LogGroup")
            if groups == [None]:
                continue
            for role in stack.roles_of(function):
                if missing := stack.missing(role, self.actions, groups):
                    problem = f"{function.id} cannot write its log without {missing}."
                    yield self.found(stack, role, problem=problem)


class TracingPermissions(Rule):
    id = "GP123"
    title = "The role of a traced function may send its traces"
    why = "Active tracing without these drops every segment silently."
    mend = "Allow the missing actions on `*`: they have no resource level."
    actions = ("xray:PutTraceSegments", "xray:PutTelemetryRecords")

    def check(self, stack: Stack) -> Iterator[Finding]:
        for function in stack.functions.values():
            if "Active" not in stack.forms(function, "TracingConfig", "Mode"):
                continue
            for role in stack.roles_of(function):
                if missing := stack.missing(role, self.actions, "*"):
                    problem = f"{function.id} is traced without {missing}."
                    yield self.found(stack, role, problem=problem)


class FailurePermissions(Rule):
    id = "GP124"
    title = "The role of a function may send to its failure destination"
    why = "Lambda sends with the function's role; without this a failed event is lost."
    mend = "Allow the missing action on the destination's ARN."

    def check(self, stack: Stack) -> Iterator[Finding]:
        configs = ("AWS::Lambda::EventInvokeConfig", "AWS::Lambda::EventSourceMapping")
        for function, destination in destinations(stack, *configs):
            actions = {
                SEND_ACTIONS[resource.type]
                for resource in stack.named(destination)
                if resource.type in SEND_ACTIONS
            }
            for role in stack.roles_of(function):
                if missing := stack.missing(role, sorted(actions), destination):
                    problem = f"{function.id} cannot hand on what failed without {missing}."
                    yield self.found(stack, role, problem=problem)
