"""GP3xx: event sources and what happens to events that fail."""

from __future__ import annotations

from collections.abc import Iterator

from golden_path.finding import Finding
from golden_path.intrinsics import as_list, number, references
from golden_path.kinds import MAPPING, kinds, mappings
from golden_path.rules.base import Rule
from golden_path.rules.invocations import destinations, is_stream, sent_to, source_of
from golden_path.stack import Resource, Stack

# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
TIMEOUTS_OF_PATIENCE = 6
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
BATCHES_OF_A_POLLER = 10
DELIVERIES = "MAX_RECEIVES"
# Visibility timeout, timeout and batch window where a template says nothing, in seconds.
DEFAULTS = (30, 3, 0)


def _polled(stack: Stack) -> Iterator[tuple[Resource, Resource, Resource]]:
    """Each event source mapping of a queue, with its queue and its function."""
    for mapping in stack.of_type(MAPPING):
        for queue in stack.named(mapping.get("EventSourceArn"), "AWS::SQS::Queue"):
            for function in stack.invoked(mapping.get("FunctionName")):
                yield mapping, queue, function


class VisibilityTimeout(Rule):
    id = "GP301"
    title = f"A queue hides a message for {TIMEOUTS_OF_PATIENCE} times its function's timeout"
    why = (
        "Otherwise a message comes back while it is still being worked on, and is worked on twice."
    )
    mend = (
        f"Set `VisibilityTimeout` to {TIMEOUTS_OF_PATIENCE} times the function's `Timeout`, "
        "plus the event's `MaximumBatchingWindowInSeconds`."
    )

    def check(self, stack: Stack) -> Iterator[Finding]:
        for mapping, queue, function in _polled(stack):
            forms = stack.resolver.variants(
                queue.get("VisibilityTimeout"),
                function.get("Timeout"),
                mapping.get("MaximumBatchingWindowInSeconds"),
            )
            for form in forms:
                hidden, timeout, window = map(_seconds, form, DEFAULTS)
                if None in (hidden, timeout, window):
                    continue
                needed = TIMEOUTS_OF_PATIENCE * timeout + window
                if hidden < needed:
                    problem = (
                        f"It hides messages for {hidden:g} s; {function.id} needs {needed:g} s."
                    )
                    yield self.found(stack, queue, "VisibilityTimeout", problem=problem)
                    break


def _seconds(value: object, default: float) -> float | None:
    """A number of seconds, or None where only the deployment knows it."""
    return default if value is None else number(value)


class Redrive(Rule):
    id = "GP302"
    title = "A polled queue hands poison messages to a dead-letter queue"
    why = "A message that always fails would be tried until it expires, and then be lost."
    mend = "Set a `RedrivePolicy` whose `deadLetterTargetArn` is another queue of this template."

    def check(self, stack: Stack) -> Iterator[Finding]:
        for queue in {queue.id: queue for _, queue, _ in _polled(stack)}.values():
            target = stack.forms(queue, "RedrivePolicy", "deadLetterTargetArn")
            names = {id_ for form in stack.texts(target) for id_ in references(form)}
            queues = [found.id for found in stack.named(target, "AWS::SQS::Queue")]
            lost = sorted(names - stack.parameters - set(queues))
            if None in target:
                problem = "It has no dead-letter queue."
            elif lost:
                problem = f"Its dead letters go to {', '.join(lost)}, which is no queue."
            elif queues == [queue.id]:
                problem = "It is its own dead-letter queue."
            else:
                continue
            path = ("RedrivePolicy", "deadLetterTargetArn")
            yield self.found(stack, queue, *path, problem=problem)


class Deliveries(Rule):
    id = "GP309"
    title = "A function knows after how many deliveries its queue gives a message up"
    why = (
        "It holds a group back behind a message that comes again, and lets it go on in the last "
        "delivery: by another number the order is lost, or messages that nothing is wrong with."
    )
    mend = f"Set the function's variable `{DELIVERIES}` to the queue's `maxReceiveCount`."

    def check(self, stack: Stack) -> Iterator[Finding]:
        for _, queue, function in _polled(stack):
            path = ("Environment", "Variables", DELIVERIES)
            forms = stack.resolver.variants(
                function.get(*path), queue.get("RedrivePolicy", "maxReceiveCount")
            )
            for form in forms:
                told, most = map(number, form)
                if None not in (told, most) and told != most:
                    problem = f"It is told {told:g}, and {queue.id} gives up after {most:g}."
                    yield self.found(stack, function, *path, problem=problem)
                    break


class WithinReserve(Rule):
    id = "GP311"
    title = "Lambda fetches no more of a queue than its function has reserved concurrency for"
    why = (
        "What it fetches beyond is refused and goes back: each time a delivery is spent, until "
        "messages that nothing is wrong with are dead letters."
    )
    mend = "Set `ScalingConfig.MaximumConcurrency` to the function's reserve at most, or drop this."

    def check(self, stack: Stack) -> Iterator[Finding]:
        name = "ReservedConcurrentExecutions"
        for mapping, queue, function in _polled(stack):
            forms = stack.resolver.variants(
                function.get(name),
                mapping.get("ScalingConfig", "MaximumConcurrency"),
                mapping.get("ProvisionedPollerConfig", "MaximumPollers"),
            )
            for form in forms:
                reserve, most, pollers = map(number, form)
                if pollers is not None:
                    most = pollers * BATCHES_OF_A_POLLER
                known = most is not None or form[1:] == (None, None)
                if reserve and known and (most is None or most > reserve):
                    limit = "without limit" if most is None else f"for {most:g} invocations"
                    problem = f"It reserves {reserve:g}, and {queue.id} is fetched {limit}."
                    yield self.found(stack, function, name, problem=problem)
                    break


class PartialBatches(Rule):
    id = "GP303"
    title = "A function that polls reports which records of a batch failed"
    why = "Otherwise one bad record brings back its whole batch, good ones included."
    mend = "Set `FunctionResponseTypes: [ReportBatchItemFailures]` on the event."

    def check(self, stack: Stack) -> Iterator[Finding]:
        for mapping, function, polled in mappings(stack):
            if not is_stream(mapping) and not any(kind.partial_batches for kind in polled):
                continue
            name = "FunctionResponseTypes"
            types = stack.resolver.each(mapping.get(name))
            if not all("ReportBatchItemFailures" in as_list(given) for given in types):
                source = source_of(stack, mapping)
                problem = f"{function.id} cannot say which records of {source} failed."
                yield self.found_event(stack, function, mapping, name, problem)


class FailedEvents(Rule):
    id = "GP304"
    title = "An event that fails for good is kept"
    why = "Lambda drops an event after its last retry, and nobody can do its work any more."
    mend = (
        "Set `EventInvokeConfig` with a `DestinationConfig` whose `OnFailure` names a queue, "
        "or a `DeadLetterQueue`."
    )

    def check(self, stack: Stack) -> Iterator[Finding]:
        kept = {
            function.id
            for function, targets in destinations(stack, "AWS::Lambda::EventInvokeConfig")
            if None not in targets
        }
        for function in {function.id: function for function in sent_to(stack)}.values():
            if function.id not in kept:
                problem = "What it fails to do after Lambda's retries is lost."
                yield self.found(stack, function, "EventInvokeConfig", problem=problem)


class FailedDeliveries(Rule):
    id = "GP305"
    title = "A delivery that a source gives up is kept"
    why = "A source that cannot reach its function drops what it has after its last attempt."
    mend = "Name a dead-letter queue where the source says what it delivers to."

    def check(self, stack: Stack) -> Iterator[Finding]:
        for kind in kinds():
            for type_, path in kind.keeps.items():
                for source in stack.of_type(type_):
                    fed = stack.invoked(source.get())
                    if fed and None in stack.places(source, *path):
                        problem = f"What it cannot deliver is lost: it has no {'.'.join(path)}."
                        yield self.found(stack, source, path[0], problem=problem)


class OwnLines(Rule):
    id = "GP310"
    title = "A function is not handed the lines that it writes"
    why = "Each line would invoke it, and it writes lines: it would be invoked without end."
    mend = "Subscribe to another log group than that of the function's `LoggingConfig`."

    def check(self, stack: Stack) -> Iterator[Finding]:
        for subscription in stack.of_type("AWS::Logs::SubscriptionFilter"):
            heard = {group.id for group in stack.named(subscription.get("LogGroupName"))}
            for function in stack.invoked(subscription.get("DestinationArn")):
                written = stack.named(function.get("LoggingConfig", "LogGroup"))
                if heard & {group.id for group in written}:
                    problem = f"{function.id} is handed what it writes itself."
                    yield self.found_event(stack, function, subscription, "LogGroupName", problem)
