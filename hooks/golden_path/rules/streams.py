"""GP306 and GP307: records of a stream that fail again and again."""

from __future__ import annotations

from collections.abc import Iterator

from golden_path.finding import Finding
from golden_path.intrinsics import number
from golden_path.rules.base import Rule
from golden_path.rules.invocations import source_of, streams
from golden_path.stack import Stack

# https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
# https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
LIMITS = ("MaximumRetryAttempts", "MaximumRecordAgeInSeconds")
ENDLESS = -1


class FailedRecords(Rule):
    id = "GP306"
    title = "What Lambda gives up of a stream is kept"
    why = (
        "Lambda skips records after their last retry; a `DeadLetterQueue` of the function is for "
        "events that are sent to it, and gets none of them."
    )
    mend = "Set a `DestinationConfig` on the event whose `OnFailure` names a queue."

    def check(self, stack: Stack) -> Iterator[Finding]:
        name = "DestinationConfig"
        for mapping, function in streams(stack):
            if None in stack.forms(mapping, name, "OnFailure", "Destination"):
                problem = f"What {function.id} fails to do of {source_of(stack, mapping)} is lost."
                yield self.found_event(stack, function, mapping, name, problem)


class EndlessRetries(Rule):
    id = "GP307"
    title = "Records of a stream that fail are given up in the end"
    why = (
        "By default Lambda retries them until the stream forgets them: one bad record holds up "
        "its whole shard for a day to a year."
    )
    mend = (
        f"Set `{LIMITS[0]}` on the event, or `{LIMITS[1]}`; the age also ends what Lambda cannot "
        "hand to the function at all."
    )

    def check(self, stack: Stack) -> Iterator[Finding]:
        for mapping, function in streams(stack):
            forms = stack.resolver.variants(*map(mapping.get, LIMITS))
            if any(all(map(_endless, form)) for form in forms):
                source = source_of(stack, mapping)
                problem = f"One bad record of {source} holds up {function.id} until it expires."
                yield self.found_event(stack, function, mapping, LIMITS[0], problem)


def _endless(limit: object) -> bool:
    """Whether a limit is none, as Lambda's default is; what only AWS knows is one."""
    return limit is None or number(limit) == ENDLESS
