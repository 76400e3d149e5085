"""Which services a key of KMS lets in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from golden_path.intrinsics import as_list, dig
from golden_path.stack import Resource, Stack, matches

# What a service calls to put something into an encrypted topic or queue:
# https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
KEY_ACTIONS = ("kms:Decrypt", "kms:GenerateDataKey")


def is_of_aws(stack: Stack, value: Any) -> bool:
    """Whether a value may name a key that AWS keeps, whose policy nobody can change."""
    return any("alias/aws/" in given for given in stack.texts(value))


def shut(stack: Stack, value: Any, service: str) -> Iterator[Resource]:
    """The keys of the template that a value names, and that do not let a service in."""
    through_alias = [
        key
        for alias in stack.named(value, "AWS::KMS::Alias")
        for key in stack.named(alias.get("TargetKeyId"), "AWS::KMS::Key")
    ]
    for key in [*stack.named(value, "AWS::KMS::Key"), *through_alias]:
        if not _admits(stack, key, service):
            yield key


def _admits(stack: Stack, key: Resource, service: str) -> bool:
    return all(
        all(
            any(_allows(stack, statement, service, action) for statement in statements)
            for action in KEY_ACTIONS
        )
        for form in stack.resolver.each(key.get("KeyPolicy"))
        for statements in [as_list(dig(form, "Statement"))]
    )


def _allows(stack: Stack, statement: Any, service: str, action: str) -> bool:
    return (
        dig(statement, "Effect") == "Allow"
        and service in stack.texts(dig(statement, "Principal", "Service"))
        and any(matches(given, action) for given in stack.texts(dig(statement, "Action")))
    )
