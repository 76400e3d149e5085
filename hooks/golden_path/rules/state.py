"""GP5xx: resources that hold data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from golden_path.finding import Finding
from golden_path.intrinsics import as_list, dig, truth
from golden_path.kinds import kinds
from golden_path.rules.base import Rule
from golden_path.rules.data import KEEPING_POLICIES, STATEFUL, Switch
from golden_path.stack import Resource, Stack


def _off(rule: Rule, stack: Stack, which: int, problem: str) -> Iterator[Finding]:
    """A finding for each stateful resource whose switch is off in some environment."""
    for resource in stack.of_type(*STATEFUL):
        switch = STATEFUL[resource.type][which]
        if switch and not all(_good(switch, form) for form in _forms(stack, resource, switch)):
            yield rule.found(stack, resource, *switch[0], problem=problem)


def _forms(stack: Stack, resource: Resource, switch: Switch) -> list[object]:
    return stack.forms(resource, *switch[0]) if switch else []


def _good(switch: Switch, form: object) -> bool:
    # A reference to what only the deployment knows is given the benefit of the doubt.
    return switch is None or isinstance(form, dict) or form in switch[1] or truth(form) in switch[1]


class Recovery(Rule):
    id = "GP501"
    title = "Lost data can be brought back"
    style = True
    why = "A wrong write or deletion is final without a way back in time."
    mend = "Switch on point-in-time recovery, versioning or backup."

    def check(self, stack: Stack) -> Iterator[Finding]:
        return _off(self, stack, 0, "Its data cannot be brought back.")


class DeletionProtection(Rule):
    id = "GP502"
    title = "A store cannot be deleted by mistake"
    style = True
    why = "A rename in the template or a click in the console deletes it with all it holds."
    mend = "Switch on its deletion protection."

    def check(self, stack: Stack) -> Iterator[Finding]:
        return _off(self, stack, 1, "It is not protected against deletion.")


class Retention(Rule):
    id = "GP503"
    title = "What holds data outlives its stack and its replacement"
    style = True
    why = "CloudFormation deletes what leaves the template, or must be replaced, with its data."
    mend = "Set both `DeletionPolicy: Retain` and `UpdateReplacePolicy: Retain`."

    def check(self, stack: Stack) -> Iterator[Finding]:
        for resource in stack.of_type(*STATEFUL):
            for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
                if resource.body.get(policy) not in KEEPING_POLICIES:
                    problem = f"Its {policy} is not Retain."
                    where = ("Resources", stack.owners.get(resource.id, resource.id), policy)
                    yield self.at(stack, where, where[1], problem)


class EncryptedSource(Rule):
    id = "GP504"
    title = "What holds the work of functions is encrypted at rest"
    why = "It holds what customers sent."
    mend = "Set what the finding names: to `true`, or to a key of AWS or of your own."

    def check(self, stack: Stack) -> Iterator[Finding]:
        # Kinds with sources of one type say the same of it: it is judged once.
        judged = {
            resource.id: (resource, kind.encrypted, kind.encrypted_by_default)
            for kind in kinds()
            for resource in (kind.holding(stack) if kind.encrypted else ())
        }
        for resource, paths, by_default in judged.values():
            forms = stack.resolver.variants(*(resource.get(path[0]) for path in paths))
            if by_default:
                forms = (form for form in forms if any(given is not None for given in form))
            if any(not any(map(_encrypts, form, paths)) for form in forms):
                names = " or ".join(".".join(path) for path in paths)
                problem = f"It is not encrypted at rest: it lacks {names}."
                yield self.found(stack, resource, self._written(resource, paths), problem=problem)

    def _written(self, resource: Resource, paths: tuple[tuple[str, ...], ...]) -> str:
        """The first of the properties that is there, else the first."""
        names = [path[0] for path in paths]
        return next((name for name in names if resource.get(name) is not None), names[0])


def _encrypts(form: object, path: tuple[str, ...]) -> bool:
    given = dig(form, *path[1:])
    return bool(given) and truth(given) is not False


class PrivateBucket(Rule):
    id = "GP505"
    title = "A bucket is closed to the public"
    why = "Without the block, one policy or one object's ACL opens what it holds to everybody."
    mend = (
        "Set all four entries of `PublicAccessBlockConfiguration` to true, or leave it away: S3 "
        "closes a new bucket by itself."
    )
    entries = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")

    def check(self, stack: Stack) -> Iterator[Finding]:
        name = "PublicAccessBlockConfiguration"
        for bucket in stack.of_type("AWS::S3::Bucket"):
            blocks = stack.forms(bucket, name)
            # https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
            given = [block for block in blocks if block is not None]
            if not all(truth(dig(block, entry)) for block in given for entry in self.entries):
                problem = "Its block of public access is not complete."
                yield self.found(stack, bucket, name, problem=problem)


class PublicPolicy(Rule):
    id = "GP506"
    title = "No policy of a resource allows something to everybody"
    why = "Anybody with an AWS account may then read, write or delete what it holds."
    mend = "Name who may, or add a `Condition` that only they meet; to forbid, write `Deny`."
    policies: ClassVar = {
        "AWS::KMS::Key": "KeyPolicy",
        "AWS::S3::BucketPolicy": "PolicyDocument",
        "AWS::SNS::TopicPolicy": "PolicyDocument",
        "AWS::SQS::QueuePolicy": "PolicyDocument",
        "AWS::SecretsManager::ResourcePolicy": "ResourcePolicy",
    }

    def check(self, stack: Stack) -> Iterator[Finding]:
        for resource in stack.of_type(*self.policies):
            name = self.policies[resource.type]
            for form in stack.resolver.each(resource.get(name)):
                for at, statement in enumerate(as_list(dig(form, "Statement"))):
                    if self._open(stack, statement):
                        path = (name, "Statement", at, "Effect")
                        problem = "It allows something to everybody."
                        yield self.found(stack, resource, *path, problem=problem)

    def _open(self, stack: Stack, statement: object) -> bool:
        given = dig(statement, "Principal")
        named = stack.texts(given if isinstance(given, str) else dig(given, "AWS"))
        allows = dig(statement, "Effect") == "Allow" and not dig(statement, "Condition")
        return allows and "*" in named
