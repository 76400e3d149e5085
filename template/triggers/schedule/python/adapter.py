"""EventBridge Scheduler: its event becomes a `Run`."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from service.adapters import telemetry
from service.adapters.deadline import Deadline


class OutOfTime(Exception):
    """The rest of the work does not fit in this invocation; Lambda tries it again."""


class Run:
    """One run of the schedule."""

    def __init__(self, scheduled_at: datetime, deadline: Deadline) -> None:
        self.scheduled_at = scheduled_at  # UTC
        self.deadline = deadline

    @property
    def day_before(self) -> date:
        """The last whole day before the run."""
        return self.scheduled_at.date() - timedelta(days=1)

    def watched[T](self, items: Iterable[T]) -> Iterator[T]:
        """Yield `items` while there is time for another, else raise `OutOfTime`."""
        for item in items:
            if not self.deadline.allows_another_step():
                raise OutOfTime("items are left: give the function more time or less work")
            yield item


def handler(work: Callable[[Run], None]) -> Callable[[Any, Any], None]:
    """Turn a function of a run into a Lambda handler; an error makes Lambda try twice more."""

    def entry(event: dict[str, Any], context: Any) -> None:
        telemetry.logger.set_correlation_id(event["id"])
        work(Run(datetime.fromisoformat(event["time"]), Deadline(context)))
        telemetry.count("Runs")

    return telemetry.instrumented(entry)
