"""What the rules look at: the translated resources, and how they hang together."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain
from typing import Any

from golden_path.aws import Allowed, managed
from golden_path.document import Document
from golden_path.intrinsics import Resolver, as_list, dig, parts, references, text, walk
from golden_path.template import Template, is_sam

# Where the policies of roles stand: type to property.
POLICIES = {
    "AWS::IAM::ManagedPolicy": "PolicyDocument",
    "AWS::IAM::Policy": "PolicyDocument",
    "AWS::IAM::Role": "Policies",
    "AWS::IAM::RolePolicy": "PolicyDocument",
}
# Where an alias says that CodeDeploy moves its traffic.
BY_CODEDEPLOY = ("UpdatePolicy", "CodeDeployLambdaAliasUpdate")
# What CloudFormation names by the stack, unless a property does: type to service and kind of its
# ARN, and that property.
NAMED_BY_THE_STACK = {
    "AWS::CloudWatch::Alarm": ("cloudwatch", "alarm", "AlarmName"),
    "AWS::Lambda::Function": ("lambda", "function", "FunctionName"),
}
_ARN = re.compile(r"\$\{([A-Za-z0-9]+)\.Arn\}")
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Resource:
    """One translated resource."""

    id: str
    body: dict[str, Any]

    @cached_property
    def type(self) -> str:
        kind = self.body.get("Type")
        return kind if isinstance(kind, str) else ""

    def get(self, *path: str | int) -> Any:
        """A property, or None."""
        return dig(self.body, "Properties", *path)


@dataclass(frozen=True)
class Statement:
    """One statement of an identity policy, in each form it may take."""

    holder: Resource
    path: Path
    body: dict[str, Any]
    actions: tuple[str, ...]
    resources: tuple[str, ...]

    def allows(self, action: str) -> bool:
        """Whether the action is among those of the statement."""
        return among(self.actions, action)


class Stack:
    """The translated template with its cross references resolved."""

    def __init__(
        self,
        template: Template,
        answers: Document | None = None,
        account: Stack | None = None,
    ) -> None:
        """`account` is the stack whose role deploys this one."""
        self.source = template.source
        self.answers = answers
        self.account = account
        self.owners = template.owners
        self._texts: dict[int, tuple[Any, list[str]]] = {}
        self.resolver = Resolver(
            dig(template.source.data, "Parameters"), dig(template.source.data, "Mappings")
        )
        self.resources = {id_: Resource(id_, body) for id_, body in template.resources.items()}

    @property
    def serves(self) -> bool:
        """Whether it is the service itself, and no stack beside it."""
        return is_sam(self.source)

    @property
    def parameters(self) -> set[str]:
        """The names of the template's parameters."""
        parameters = dig(self.source.data, "Parameters")
        return set(parameters) if isinstance(parameters, dict) else set()

    def of_type(self, *types: str) -> Iterator[Resource]:
        """All resources of these types."""
        return (resource for resource in self.resources.values() if resource.type in types)

    @cached_property
    def functions(self) -> dict[str, Resource]:
        """The functions by logical id."""
        return {resource.id: resource for resource in self.of_type("AWS::Lambda::Function")}

    @cached_property
    def aliases(self) -> dict[str, str]:
        """For each alias the function it belongs to."""
        return {
            alias.id: function.id
            for alias in self.of_type("AWS::Lambda::Alias")
            for function in self.named(alias.get("FunctionName"), "AWS::Lambda::Function")
        }

    @cached_property
    def hooks(self) -> set[str]:
        """The functions that CodeDeploy asks before or after it moves traffic."""
        return {
            function.id
            for alias in self.of_type("AWS::Lambda::Alias")
            for moment in ("BeforeAllowTrafficHook", "AfterAllowTrafficHook")
            for function in self.invoked(dig(alias.body, *BY_CODEDEPLOY, moment))
        }

    def forms(self, resource: Resource, name: str, *path: str | int) -> list[Any]:
        """What stands at a path of a property, in each form that the property may take."""
        return [dig(form, *path) for form in self.resolver.each(resource.get(name))]

    def places(self, resource: Resource, name: str, *path: str) -> list[Any]:
        """The same, once for each entry of the lists on the way."""
        forms = self.resolver.each(resource.get(name))
        return [found for form in forms for found in parts(form, *path)]

    def named(self, value: Any, *types: str) -> list[Resource]:
        """The resources of these types that a value refers to, in any of its branches."""
        ids = {id_ for form in self.texts(value) for id_ in references(form)}
        found = [self.resources[id_] for id_ in sorted(ids) if id_ in self.resources]
        return [resource for resource in found if not types or resource.type in types]

    def invoked(self, value: Any) -> list[Resource]:
        """The functions that a value leads to, by themselves or by an alias."""
        through_alias = {
            self.aliases[alias.id]
            for alias in self.named(value, "AWS::Lambda::Alias")
            if alias.id in self.aliases
        }
        direct = {function.id for function in self.named(value, "AWS::Lambda::Function")}
        return [self.functions[id_] for id_ in sorted(through_alias | direct)]

    def texts(self, value: Any) -> list[str]:
        """Every text inside a value, in each form it may take, references written as in `Sub`.

        Rules ask again and again; what was asked for lives as long as its texts, see `each`.
        """
        if id(value) not in self._texts:
            forms = (part for form in self.resolver.each(value) for part in walk(form))
            found = dict.fromkeys(
                text(part)
                for part in forms
                if isinstance(part, str) or (isinstance(part, dict) and text(part) != "${?}")
            )
            self._texts[id(value)] = (value, list(found))
        return self._texts[id(value)][1]

    def roles_of(self, function: Resource) -> list[Resource]:
        """The roles of this template that a function runs with."""
        return self.named(function.get("Role"), "AWS::IAM::Role")

    @cached_property
    def statements(self) -> list[Statement]:
        """Every statement that allows something to a role of this template."""
        return self._statements("Allow")

    def statements_of(self, role: Resource) -> list[Statement]:
        """What a role is allowed, by its own policies and by those attached to it."""
        return self._allowed.get(role.id, [])

    def denies(self, role: Resource, action: str, target: str) -> bool:
        """Whether a role may not do something to a target, whatever its other policies say."""
        return any(
            statement.allows(action)
            and any(matches(given, target) for given in statement.resources)
            for statement in self._denied.get(role.id, [])
            if "Condition" not in statement.body
        )

    def _statements(self, effect: str) -> list[Statement]:
        found = []
        for holder in self.of_type(*POLICIES):
            where = POLICIES[holder.type]
            for path, statement in _statements_in(holder.get(where), (where,)):
                for body in self.resolver.each(statement):
                    if dig(body, "Effect") == effect:
                        actions = tuple(self.texts(body.get("Action")))
                        resources = tuple(self.texts(body.get("Resource")))
                        found.append(Statement(holder, path, body, actions, resources))
        return found

    @cached_property
    def _allowed(self) -> dict[str, list[Statement]]:
        return self._by_role(self.statements)

    @cached_property
    def _denied(self) -> dict[str, list[Statement]]:
        return self._by_role(self._statements("Deny"))

    def _by_role(self, statements: list[Statement]) -> dict[str, list[Statement]]:
        """The statements by the id of each role whose own they are, or that they are attached to.

        Nearly every rule asks for a role's statements, which are the same each time.
        """
        found = defaultdict[str, list[Statement]](list)
        attaching = defaultdict[str, set[str]](set)
        for role in self.of_type("AWS::IAM::Role"):
            for policy in self.named(role.get("ManagedPolicyArns"), "AWS::IAM::ManagedPolicy"):
                attaching[policy.id].add(role.id)
        for statement in statements:
            holder = statement.holder
            attached = (holder.get("Roles"), holder.get("RoleName"))
            roles = [role.id for given in attached for role in self.named(given, "AWS::IAM::Role")]
            for id_ in {holder.id, *roles, *attaching[holder.id]}:
                found[id_].append(statement)
        return found

    def knows(self, role: Resource) -> bool:
        """Whether all policies of a role can be seen: its own, those of the template and AWS's."""
        return all(
            managed(arn) is not None or references(arn) & self.resources.keys()
            for arn in self.texts(role.get("ManagedPolicyArns"))
        )

    def may(self, role: Resource, action: str) -> list[str]:
        """The resources to which a role may do something, as its policies name them."""
        own: Iterable[Allowed] = (
            (statement.actions, statement.resources) for statement in self.statements_of(role)
        )
        attached = (managed(arn) or () for arn in self.texts(role.get("ManagedPolicyArns")))
        return [
            resource
            for actions, resources in (*own, *chain.from_iterable(attached))
            if among(actions, action)
            for resource in resources
        ]

    def allows(self, role: Resource, action: str, target: Any) -> bool:
        """Whether a role may do something to every form of a target that can be known."""
        resources = self.may(role, action)
        wanted = self.texts(target)
        return bool(resources) and all(
            any(self.covers(given, want) for given in resources) for want in wanted
        )

    def missing(self, role: Resource, actions: Iterable[str], target: Any) -> str:
        """Those of the actions that a role may not do to a target, as a list to read.

        Of a role with a policy that nobody can see from here, nothing is missing.
        """
        if not self.knows(role):
            return ""
        return ", ".join(action for action in actions if not self.allows(role, action, target))

    def covers(self, given: str, wanted: str) -> bool:
        """Whether an ARN in a policy, with its wildcards, means what another one names."""
        if matches(given, wanted) or matches(given, self._generated(wanted)):
            return True
        own = references(wanted) & self.resources.keys()
        return bool(own) and own <= references(given)

    def _generated(self, wanted: str) -> str:
        """The ARN of a function or alarm that the template does not name, as it will begin."""

        def arn(reference: re.Match[str]) -> str:
            resource = self.resources.get(reference[1])
            if resource is None or resource.type not in NAMED_BY_THE_STACK:
                return reference[0]
            service, kind, name = NAMED_BY_THE_STACK[resource.type]
            if resource.get(name) is not None:
                return reference[0]
            place = f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}"
            return f"{place}:{kind}:${{AWS::StackName}}-{resource.id}-RANDOM"

        return _ARN.sub(arn, wanted)


def _statements_in(value: Any, path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Each statement with its path, in whatever branch of a condition it stands."""
    if isinstance(value, dict) and "Effect" in value:
        yield path, value
        return
    parts = value.items() if isinstance(value, dict) else enumerate(as_list(value))
    for key, part in parts:
        if isinstance(part, dict | list):
            yield from _statements_in(part, (*path, key))


def among(patterns: Iterable[str], action: str) -> bool:
    """Whether an action is among those of a statement, in whatever case IAM takes them."""
    return any(matches(pattern.lower(), action.lower()) for pattern in patterns)


def matches(pattern: str, value: str) -> bool:
    """Whether IAM's wildcards `*` and `?` make the pattern fit the value."""
    return pattern == value or _expression(pattern).fullmatch(value) is not None


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    return re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."))
