"""GP8xx: credentials and who may read them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from golden_path.finding import Finding
from golden_path.intrinsics import as_list, dig, references, truth
from golden_path.kinds import MAPPING
from golden_path.rules.base import Rule
from golden_path.rules.data import SECRET_ATTRIBUTES
from golden_path.rules.invocations import rotating
from golden_path.stack import Resource, Stack

_SECRET = "AWS::SecretsManager::Secret"
_VARIABLES = ("Environment", "Variables")
_NAMES_CREDENTIAL = re.compile(
    r"((^|_|(?-i:[a-z](?=P)))pass|pass(word|wd|phrase)|secret|token|credentials?"
    r"|(api|access|private|secret|signing|encryption)_?key)(_?value)?$",
    re.IGNORECASE,
)
# What else such a name may hold: an id, a path, a number, a word. A password is any of them.
_NO_CREDENTIAL = re.compile(r"(alias/|arn:|https?://|/).*|[\d.]+|[a-z-]{1,12}", re.IGNORECASE)
_NAMES_PASSWORD = re.compile(r"pass(word|wd|phrase)?(_?value)?$", re.IGNORECASE)
# What stands where the value shall be written.
_TO_BE_WRITTEN = re.compile(
    r"\W*|.*(<.*>|\b(change|replace|enter|insert|put)\b|\byour\b|change-?me|placeholder|x{4,}).*",
    re.IGNORECASE | re.DOTALL,
)
# CloudFormation writes the value itself where such a reference stands.
_RESOLVED = re.compile(r"\{\{resolve:(secretsmanager|ssm-secure):")
# The forms of access keys of AWS, of private keys in PEM, of tokens of JWT, GitHub, Slack and
# Stripe, and of a password in the text of a connection.
_CREDENTIAL = re.compile(
    r"\b(AKIA|ASIA)[0-9A-Z]{16}\b|-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.|\bgh[oprsu]_\w{20,}|\bxox[abprs]-\d{6,}-[\w-]+"
    r"|\bhooks\.slack\.com/services/\w+/\w+/\w+|\b[rs]k_(live|test)_\w{8,}"
    r"|(?i:\b(password|pwd)=(?!\$\{)[^;\s$<{]+)|://[^/:@\s]+:(?!\$\{)[^/:@\s$<{]+@"
)
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
            told = set()
            for name, value in _variables(stack, function):
                problem = self._problem(stack, name, value)
                if problem and name not in told:
                    told.add(name)
                    where = (*_VARIABLES, name)
                    yield self.found(stack, function, *where, problem=f"{name} {problem}")
        for secret in stack.of_type(_SECRET):
            if any(not references(text) for text in stack.texts(secret.get("SecretString"))):
                problem = "SecretString holds the value."
                yield self.found(stack, secret, "SecretString", problem=problem)
        for name, parameter in self._section(stack, "Parameters"):
            value = dig(parameter, "Default")
            hidden = truth(dig(parameter, "NoEcho")) and not _TO_BE_WRITTEN.fullmatch(str(value))
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
            if not references(text) & stack.resources.keys() and _looks_secret(name, text):
                return "is named like a credential and holds the value."
        return None

    def _attributes(self, stack: Stack) -> Iterator[str]:
        for resource in stack.of_type(*SECRET_ATTRIBUTES):
            yield f"{resource.id}.{SECRET_ATTRIBUTES[resource.type]}"


def _variables(stack: Stack, function: Resource) -> Iterator[tuple[str, Any]]:
    """The variables of a function with their values, in each form that they may take."""
    for form in stack.forms(function, *_VARIABLES):
        yield from (form if isinstance(form, dict) else {}).items()


def _looks_secret(name: str, value: str) -> bool:
    """Whether a value stands itself where its name says that a credential does."""
    if not _NAMES_CREDENTIAL.search(name) or _TO_BE_WRITTEN.fullmatch(value):
        return False
    return bool(_NAMES_PASSWORD.search(name)) or not _NO_CREDENTIAL.fullmatch(value)


class SecretPolicy(Rule):
    id = "GP802"
    title = "A secret has a policy of its own"
    style = True
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


# An ARN of no secret and no parameter.
_OTHER = re.compile(r"arn:(\$\{[^}]*\}|[^:$]*):(?!secretsmanager:|ssm:|\*)")


def _names(stack: Stack, resource: str) -> set[str]:
    """The names that the secrets bear which a resource of a statement refers to."""
    secrets = (stack.resources.get(id_) for id_ in references(resource))
    named = [secret.get("Name") for secret in secrets if secret and secret.type == _SECRET]
    return {text for name in named for text in stack.texts(name)}


class OnlyReferencedSecrets(Rule):
    id = "GP803"
    title = "A function may read the secrets that it refers to, and no other"
    why = (
        "Whoever takes over the function gets every secret that its role may read; one that it "
        "refers to and may not read fails it."
    )
    mend = (
        "List the secret in the function's entry; let a variable of the function name it, where it "
        "is a parameter of your own; or take the permission away."
    )

    def check(self, stack: Stack) -> Iterator[Finding]:
        rotators = {function.id for function in rotating(stack)}
        for function in stack.functions.values():
            if function.id in rotators:
                continue
            given = [value for _, value in _variables(stack, function)]
            # Lambda reads those of a broker or a database itself, with the function's role.
            given += [
                access
                for mapping in stack.of_type(MAPPING)
                if function in stack.invoked(mapping.get("FunctionName"))
                for access in stack.forms(mapping, "SourceAccessConfigurations")
            ]
            known = {text for value in given for text in stack.texts(value)}
            for role in stack.roles_of(function):
                yield from self._unknown(stack, function, role, known)
                for secret in stack.named(given, _SECRET):
                    if missing := stack.missing(role, _READS[:1], {"Ref": secret.id}):
                        problem = f"{function.id} refers to {secret.id} and may not {missing}."
                        yield self.found(stack, role, problem=problem)

    def _unknown(
        self, stack: Stack, function: Resource, role: Resource, known: set[str]
    ) -> Iterator[Finding]:
        for statement in stack.statements_of(role):
            if not any(statement.allows(action) for action in _READS):
                continue
            for name in statement.resources:
                reference = name.partition(":parameter")[2] or name
                if _OTHER.match(name) or known & {name, reference, *_names(stack, name)}:
                    continue
                if not any(name.endswith(f":secret:{one}-??????") for one in known):
                    problem = f"{function.id} may read {reference}, which it does not refer to."
                    path = (*statement.path, "Resource")
                    yield self.found(stack, statement.holder, *path, problem=problem)
