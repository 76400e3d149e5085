"""GP507: keys of KMS, and the services that encrypt by them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from golden_path.finding import Finding
from golden_path.intrinsics import dig
from golden_path.keys import shut
from golden_path.rules.base import Rule
from golden_path.stack import Stack
from golden_path.trust import LIKE, allowing, conditions

# They publish to an encrypted topic, and give no source there that a condition could name; the
# first uses a key for nothing else. https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
_ALARMS, _EVENTS = "cloudwatch.amazonaws.com", "events.amazonaws.com"


class EncryptingServices(Rule):
    id = "GP507"
    title = "A key lets in the services that encrypt by it, each for its own source alone"
    why = (
        "A log group or bus whose service may not use the key is not made; a service that may use "
        "it for anybody reads for anybody what it has encrypted."
    )
    mend = (
        "Let the key's policy allow the service `kms:Decrypt` and `kms:GenerateDataKey*`, with a "
        "`Condition` on `kms:EncryptionContext:aws:logs:arn`, `aws:SourceArn` or "
        "`aws:SourceAccount`."
    )
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-encryption-key-policy.html
    users: ClassVar = {
        "AWS::Events::EventBus": ("KmsKeyIdentifier", _EVENTS),
        "AWS::Logs::LogGroup": ("KmsKeyId", "logs.${AWS::Region}.amazonaws.com"),
    }
    sources = ("aws:SourceAccount", "aws:SourceArn", "kms:EncryptionContext:aws:logs:arn")

    def check(self, stack: Stack) -> Iterator[Finding]:
        for resource in stack.of_type(*self.users):
            name, service = self.users[resource.type]
            for key in shut(stack, resource.get(name), service):
                problem = f"{service} may not use it, so {resource.id} is not encrypted by it."
                yield self.found(stack, key, "KeyPolicy", problem=problem)
        topics = [topic.get("KmsMasterKeyId") for topic in stack.of_type("AWS::SNS::Topic")]
        of_topics = stack.named(topics, "AWS::KMS::Key")
        for key in stack.of_type("AWS::KMS::Key"):
            excused = (_ALARMS, _EVENTS) if key in of_topics else (_ALARMS,)
            for at, statement in allowing(stack, key, "KeyPolicy"):
                if open_to := self._for_anybody(stack, statement, excused):
                    path = ("KeyPolicy", "Statement", at)
                    problem = f"{', '.join(open_to)} may use it for anybody."
                    yield self.found(stack, key, *path, problem=problem)

    def _for_anybody(self, stack: Stack, statement: Any, excused: tuple[str, ...]) -> list[str]:
        """The services that a statement lets in without asking for whom."""
        services = stack.texts(dig(statement, "Principal", "Service"))
        told = any(conditions(statement, source, *LIKE) for source in self.sources)
        return [] if told else [one for one in services if one not in excused]
