"""GP308: queues that services send to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from golden_path.finding import Finding
from golden_path.intrinsics import as_list, dig
from golden_path.keys import is_of_aws, shut
from golden_path.rules.base import Rule
from golden_path.rules.data import QUEUE_POLICIES, SENDERS
from golden_path.stack import Resource, Stack, matches
from golden_path.trust import LIKE, conditions

SEND = "sqs:SendMessage"
OF_WHOM = "aws:SourceArn"


class AdmittedSenders(Rule):
    id = "GP308"
    title = "A queue lets in the service that sends to it, for its own source alone"
    why = (
        "What a service may not send is lost without a word; what it may send for anybody is "
        "anybody's way into the queue."
    )
    mend = (
        "Write an AWS::SQS::QueuePolicy that allows the service `sqs:SendMessage` on the queue, "
        "with `ArnEquals` on `aws:SourceArn`; a key of the queue must let it in as well."
    )

    def check(self, stack: Stack) -> Iterator[Finding]:
        for type_, service, path, source in SENDERS:
            for resource in stack.of_type(type_):
                own = {"Fn::GetAtt": [resource.id, "Arn"]}
                sender = resource.get(source) if source else own
                for queue in stack.named(stack.places(resource, *path), "AWS::SQS::Queue"):
                    yield from self._policies(stack, queue, service, sender)
                    yield from self._keys(stack, queue, service)

    def _policies(
        self, stack: Stack, queue: Resource, service: str, sender: Any
    ) -> Iterator[Finding]:
        admitted = False
        for policy in _policies_of(stack, queue):
            sent = []
            for document in stack.resolver.each(policy.get("PolicyDocument")):
                statements = list(enumerate(as_list(dig(document, "Statement"))))
                may = [one for one in statements if _sends(stack, one[1], queue, service)]
                sent.append(any(_is_for(stack, one, sender) for _, one in may))
                for at, _ in (one for one in may if not conditions(one[1], OF_WHOM, *LIKE)):
                    problem = f"{service} may send to {queue.id} for anybody."
                    path = ("PolicyDocument", "Statement", at)
                    yield self.found(stack, policy, *path, problem=problem)
            admitted = admitted or all(sent)
        if not admitted:
            names = " or ".join(stack.texts(sender)) or "its source"
            problem = f"{service} may not send to it for {names}."
            yield self.found(stack, queue, problem=problem)

    def _keys(self, stack: Stack, queue: Resource, service: str) -> Iterator[Finding]:
        key = queue.get("KmsMasterKeyId")
        if is_of_aws(stack, key):
            problem = f"{service} may not use the key alias/aws/sqs, and so sends nothing."
            yield self.found(stack, queue, "KmsMasterKeyId", problem=problem)
        for found in shut(stack, key, service):
            problem = f"{service} may not use {found.id}, and so sends nothing to {queue.id}."
            yield self.found(stack, found, "KeyPolicy", problem=problem)


def _policies_of(stack: Stack, queue: Resource) -> Iterator[Resource]:
    for policy in stack.of_type(*QUEUE_POLICIES):
        if queue in stack.named(policy.get(QUEUE_POLICIES[policy.type]), queue.type):
            yield policy


def _sends(stack: Stack, statement: Any, queue: Resource, service: str) -> bool:
    """Whether a statement lets a service send to a queue, for whatever source."""
    principal = dig(statement, "Principal")
    # Everybody is the service too, but only where a condition tells whose source it sends for:
    # what is open to all is another rule's affair.
    everybody = "*" in stack.texts([principal, dig(principal, "AWS")])
    named = service in stack.texts(dig(principal, "Service"))
    arn = f"${{{queue.id}.Arn}}"
    return (
        dig(statement, "Effect") == "Allow"
        and (named or (everybody and bool(conditions(statement, OF_WHOM, *LIKE))))
        and any(matches(one.lower(), SEND.lower()) for one in stack.texts(statement.get("Action")))
        and any(stack.covers(one, arn) for one in stack.texts(statement.get("Resource")))
    )


def _is_for(stack: Stack, statement: Any, sender: Any) -> bool:
    """Whether the source that a condition names is the one that sends, as far as it is known."""
    given = conditions(statement, OF_WHOM, *LIKE)
    named = stack.texts(given)
    return (
        (not given)
        or (not named)
        or all(any(stack.covers(one, want) for one in named) for want in stack.texts(sender))
    )
