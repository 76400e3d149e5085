"""The policies of a template as IAM gets them: every reference and condition resolved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from golden_path.intrinsics import function_of, text
from golden_path.stack import POLICIES, Stack

ACCOUNT, REGION = "123456789012", "ap-southeast-1"
TRUST = "AssumeRolePolicyDocument"
# Where policies stand, by type. A key's own is left out: it names the key by `*`.
PLACES = {
    **{kind: (place,) for kind, place in POLICIES.items()},
    "AWS::IAM::Role": (TRUST, POLICIES["AWS::IAM::Role"]),
    "AWS::S3::BucketPolicy": ("PolicyDocument",),
    "AWS::SNS::TopicPolicy": ("PolicyDocument",),
}
# What `Ref` or `Arn` of a resource is once it is made.
ARNS = {
    "AWS::CodeBuild::Project": f"arn:aws:codebuild:{REGION}:{ACCOUNT}:project/{{}}",
    "AWS::IAM::Role": f"arn:aws:iam::{ACCOUNT}:role/{{}}",
    "AWS::KMS::Key": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{{}}",
    "AWS::Logs::LogGroup": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{{}}:*",
    "AWS::S3::Bucket": "arn:aws:s3:::{}",
    "AWS::SNS::Topic": f"arn:aws:sns:{REGION}:{ACCOUNT}:{{}}",
}
VALUES = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "ConnectionArn": f"arn:aws:codeconnections:{REGION}:{ACCOUNT}:connection/0a1b2c3d",
    "Environment": "staging",
    "Repository": "example/items",
}


def policies(stack: Stack) -> Iterator[tuple[str, str, list[dict[str, Any]]]]:
    """The policies that a property of a resource holds, once for each form they may take."""
    for resource in stack.of_type(*PLACES):
        for place in PLACES[resource.type]:
            for form in stack.forms(resource, place):
                inline = form if isinstance(form, list) else [{"PolicyDocument": form}]
                yield resource.id, place, [_made(stack, one["PolicyDocument"]) for one in inline]


def _made(stack: Stack, value: Any) -> Any:
    if isinstance(value, str) or function_of(value):
        return re.sub(r"\$\{([^}]+)\}", lambda found: _value(stack, found[1]), text(value))
    if isinstance(value, dict):
        return {key: _made(stack, part) for key, part in value.items()}
    return [_made(stack, part) for part in value]


def _value(stack: Stack, reference: str) -> str:
    if reference in VALUES:
        return VALUES[reference]
    resource = stack.resources[reference.removesuffix(".Arn")]
    return ARNS[resource.type].format(resource.id.lower())
