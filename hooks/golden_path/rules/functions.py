"""GP2xx: how a function is configured."""

from __future__ import annotations

from collections.abc import Iterator

from golden_path.finding import Finding
from golden_path.intrinsics import number
from golden_path.quotas import QUOTAS
from golden_path.rules.base import Rule
from golden_path.stack import Resource, Stack


def _unset(rule: Rule, stack: Stack, name: str, problem: str) -> Iterator[Finding]:
    """A finding for each function that leaves a property to Lambda's default."""
    for function in stack.functions.values():
        if None in stack.resolver.each(function.get(name)):
            yield rule.found(stack, function, name, problem=problem)


class ExplicitTimeout(Rule):
    id = "GP201"
    title = "A function says how long it may run"
    style = True
    why = "Lambda's default of 3 s fits hardly any function, and nobody chose it."
    mend = "Set `Timeout` on the function, from what its trigger can wait for."

    def check(self, stack: Stack) -> Iterator[Finding]:
        return _unset(self, stack, "Timeout", "It has no timeout.")


class ExplicitMemory(Rule):
    id = "GP202"
    title = "A function says how much memory it has"
    style = True
    why = "Memory sets the processor's share too; the default of 128 MB is slow and seldom cheap."
    mend = "Set `MemorySize` on the function, best from a measurement."

    def check(self, stack: Stack) -> Iterator[Finding]:
        return _unset(self, stack, "MemorySize", "It has no memory size.")


class ExplicitArchitecture(Rule):
    id = "GP203"
    title = "A function says which processor it runs on"
    style = True
    why = "The package is built for one processor; Lambda's default is x86_64."
    mend = "Set `Architectures` under Globals."

    def check(self, stack: Stack) -> Iterator[Finding]:
        return _unset(self, stack, "Architectures", "It names no architecture.")


class LogRetention(Rule):
    id = "GP204"
    title = "A function logs to a group of this template that forgets in time"
    style = True
    why = "A group that Lambda makes by itself keeps, and bills, its logs for ever."
    mend = "Write an AWS::Logs::LogGroup with `RetentionInDays` and name it in `LoggingConfig`."

    def check(self, stack: Stack) -> Iterator[Finding]:
        for function in stack.functions.values():
            named = stack.forms(function, "LoggingConfig", "LogGroup")
            groups = stack.named(named, "AWS::Logs::LogGroup") or self._by_name(stack, function)
            if not groups and named == [None]:
                problem = "It has no log group in this template."
                yield self.found(stack, function, "LoggingConfig", problem=problem)
            for group in groups:
                if None in stack.resolver.each(group.get("RetentionInDays")):
                    problem = f"The logs of {function.id} are kept for ever."
                    yield self.found(stack, group, problem=problem)

    def _by_name(self, stack: Stack, function: Resource) -> list[Resource]:
        """The groups that bear the name which Lambda gives where a function names none."""
        names = {f"/aws/lambda/${{{function.id}}}"}
        names |= {f"/aws/lambda/{name}" for name in stack.texts(function.get("FunctionName"))}
        groups = stack.of_type("AWS::Logs::LogGroup")
        return [group for group in groups if names & set(stack.texts(group.get("LogGroupName")))]


_HTTP, _REST = QUOTAS["http_api_timeout"].most, QUOTAS["rest_api_timeout"].most


class HttpTimeout(Rule):
    id = "GP205"
    title = f"A function behind an HTTP API ends within {_HTTP} s, behind any other {_REST} s"
    why = "API Gateway gives up by then; the function would go on working for nobody."
    mend = f"Set `Timeout` to {_REST} at most, or do the work behind a queue."

    def check(self, stack: Stack) -> Iterator[Finding]:
        for function, waits in self._called_over_http(stack).items():
            longest = max(map(number_or_zero, stack.forms(stack.functions[function], "Timeout")))
            if longest > waits:
                problem = f"It may run {longest:g} s, API Gateway waits {waits} s."
                yield self.found(stack, stack.functions[function], "Timeout", problem=problem)

    def _called_over_http(self, stack: Stack) -> dict[str, int]:
        """For each function that API Gateway calls, how many seconds that waits at most."""
        found: dict[str, int] = {}
        # SAM writes such a permission for every route, whatever form the API itself has.
        for permission in stack.of_type("AWS::Lambda::Permission"):
            if "apigateway.amazonaws.com" in stack.texts(permission.get("Principal")):
                apis = stack.named(permission.get("SourceArn"), "AWS::ApiGatewayV2::Api")
                # One for WebSockets waits for as long as a REST API.
                http = any(api.get("ProtocolType") != "WEBSOCKET" for api in apis)
                for function in stack.invoked(permission.get("FunctionName")):
                    waits = _HTTP if http else _REST
                    found[function.id] = min(waits, found.get(function.id, waits))
        return found


class ReservedConcurrency(Rule):
    id = "GP206"
    title = "Functions reserve no more concurrency than an account has to give"
    why = (
        "Lambda keeps 100 of its 1,000 for functions that reserve nothing, and refuses the "
        "deployment that would reserve more; a new account has less to give."
    )
    mend = "Reserve less, or suppress the rule where AWS has raised the account's limit."

    def check(self, stack: Stack) -> Iterator[Finding]:
        name = "ReservedConcurrentExecutions"
        reserved = {
            id_: max(map(number_or_zero, stack.forms(function, name)))
            for id_, function in stack.functions.items()
        }
        if problem := QUOTAS["reserved_concurrency"].exceeded(int(sum(reserved.values()))):
            most = max(reserved, key=lambda id_: reserved[id_])
            yield self.found(stack, stack.functions[most], name, problem=problem)


def number_or_zero(value: object) -> float:
    """A number to compare with a limit; what cannot be known stays below any."""
    return number(value) or 0
