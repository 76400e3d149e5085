"""GP8xx: credentials and who may read them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from golden_path.finding import Finding
from golden_path.intrinsics import as_list, dig, references, truth
from golden_path.rules.base import Rule
from golden_path.rules.data import SECRET_ATTRIBUTES
from golden_path.rules.invocations import rotating
from golden_path.stack import Resource, Stack

_SECRET = "AWS::SecretsManager::Secret"
_VARIABLES = ("Environment", "Variables")
_NAMES_CREDENTIAL = re.compile(
    r"(pass(word|wd|phrase)|secret|token|credentials?"
    r"|(api|access|private|secret|signing|encryption)_?key)(_?value)?$",
    re.IGNORECASE,
)
# CloudFormation writes the value itself where such a reference stands.
_RESOLVED = re.compile(r"\{\{resolve:(secretsmanager|ssm-secure):")
# The forms of AWS access keys, and of a private key in PEM.
_CREDENTIAL = re.compile(r"\b(AKIA|ASIA)[0-9A-Z]{16}\b|-----BEGIN [A-Z ]*PRIVATE KEY-----")
_READS = (
    "secretsmanager:GetSecretValue",
    "secretsmanager:BatchGetSecretValue",
    "ssm:GetParameter",
    "ssm:GetParameters",
    "ssm:GetParametersByPath",
)


class NoCredentialInTemplate(Rule):
    id = "GP801"
    title = "No credential in an environment, a parameter's default or an output"
    why = "Whoever may look at the stack or the function reads it there, and it stays in history."
    mend = "Keep it in a secret of level medium or high, and hand on its name or ARN alone."

    def check(self, stack: Stack) -> Iterator[Finding]:
        for function in stack.functions.values():
            variables = function.get(*_VARIABLES)
            for name, value in (variables if isinstance(variables, dict) else {}).items():
                if problem := self._problem(stack, name, value):
                    where = (*_VARIABLES, name)
                    yield self.found(stack, function, *where, problem=f"{name} {problem}")
        for secret in stack.of_type(_SECRET):
            if any(not references(text) for text in stack.texts(secret.get("SecretString"))):
                problem = "SecretString holds the value."
                yield self.found(stack, secret, "SecretString", problem=problem)
        for name, parameter in self._section(stack, "Parameters"):
            value = dig(parameter, "Default")
            hidden = truth(dig(parameter, "NoEcho")) or _NAMES_CREDENTIAL.search(name)
            if value and (hidden or self._problem(stack, name, value)):
                problem = "Its default is a credential."
                yield self.at(stack, ("Parameters", name, "Default"), name, problem)
        for name, output in self._section(stack, "Outputs"):
            if problem := self._problem(stack, name, dig(output, "Value")):
                yield self.at(stack, ("Outputs", name, "Value"), name, f"It {problem}")

    def _section(self, stack: Stack, section: str) -> Iterator[tuple[str, Any]]:
        entries = dig(stack.source.data, section)
        yield from (entries if isinstance(entries, dict) else {}).items()

    def _problem(self, stack: Stack, name: str, value: Any) -> str | None:
        hidden = {
            name
            for name, parameter in self._section(stack, "Parameters")
            if truth(dig(parameter, "NoEcho"))
        }
        for text in stack.texts(value):
            if _RESOLVED.search(text):
                return "resolves to the value of a secret."
            if _CREDENTIAL.search(text):
                return "holds a credential."
            if references(text) & hidden:
                return "shows a parameter that is NoEcho."
            if any(f"${{{one}}}" in text for one in self._attributes(stack)):
                return "is an attribute that is a credential."
            if _NAMES_CREDENTIAL.search(name) and not references(text) & stack.resources.keys():
                return "is named like a credential and holds the value."
        return None

    def _attributes(self, stack: Stack) -> Iterator[str]:
        for resource in stack.of_type(*SECRET_ATTRIBUTES):
            yield f"{resource.id}.{SECRET_ATTRIBUTES[resource.type]}"


class SecretPolicy(Rule):
    id = "GP802"
    title = "A secret has a policy of its own"
    why = "Without one, every role of the account that may read secrets may read it."
    mend = (
        "Write an AWS::SecretsManager::ResourcePolicy with `BlockPublicPolicy: true` that denies "
        "GetSecretValue to all but the roles that need it."
    )

    def check(self, stack: Stack) -> Iterator[Finding]:
        guarded = {
            secret.id
            for policy in stack.of_type("AWS::SecretsManager::ResourcePolicy")
            for secret in stack.named(policy.get("SecretId"), _SECRET)
            if all(truth(form) for form in stack.forms(policy, "BlockPublicPolicy"))
            and self._denies(stack, policy)
        }
        for secret in stack.of_type(_SECRET):
            if secret.id not in guarded:
                yield self.found(stack, secret, problem="No policy says who may read it.")

    def _denies(self, stack: Stack, policy: Resource) -> bool:
        statements = dig(policy.get("ResourcePolicy"), "Statement")
        return any(
            dig(statement, "Effect") == "Deny"
            and _READS[0] in stack.texts(dig(statement, "Action"))
            for form in stack.resolver.each(statements)
            for statement in as_list(form)
        )


class OnlyReferencedSecrets(Rule):
    id = "GP803"
    title = "A function may read the secrets that its environment refers to, and no other"
    why = "Whoever takes over the function gets every secret that its role may read."
    mend = (
        "List the secret in the function's entry; let a variable of the function name it, where it "
        "is a parameter of your own; or take the permission away."
    )

    def check(self, stack: Stack) -> Iterator[Finding]:
        rotators = {function.id for function in rotating(stack)}
        for function in stack.functions.values():
            if function.id in rotators:
                continue
            variables = function.get(*_VARIABLES)
            known = stack.texts(list(variables.values()) if isinstance(variables, dict) else [])
            for role in stack.roles_of(function):
                yield from self._unknown(stack, function, role, known)

    def _unknown(
        self, stack: Stack, function: Resource, role: Resource, known: list[str]
    ) -> Iterator[Finding]:
        for statement in stack.statements_of(role):
            if not any(statement.allows(action) for action in _READS):
                continue
            for name in statement.resources:
                reference = name.partition(":parameter")[2] or name
                if not any(reference == one or name == one for one in known):
                    problem = f"{function.id} may read {reference}, which it does not refer to."
                    path = (*statement.path, "Resource")
                    yield self.found(stack, statement.holder, *path, problem=problem)
