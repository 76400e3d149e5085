"""Remaining time: stop while there is still time to say what is left."""

import time
from typing import Any

# What ending an invocation in good order takes: the last log lines, the metrics, the answer.
CLOSING_SECONDS = 0.5


class Deadline:
    """Tells whether one more step fits in the invocation's remaining time.

    A step may take twice as long as the slowest so far. The first always fits: otherwise a function
    with a short timeout would never do any work.
    """

    def __init__(self, context: Any) -> None:
        self.context = context
        self.slowest = 0.0  # seconds
        self.started: float | None = None

    def allows_another_step(self) -> bool:
        """Call it before each step."""
        now = time.monotonic()
        if self.started is not None:
            self.slowest = max(self.slowest, now - self.started)
        first, self.started = self.started is None, now
        remaining = self.context.get_remaining_time_in_millis() / 1000
        return first or remaining > 2 * self.slowest + CLOSING_SECONDS
