"""What takes a while is told on a terminal, as the service's Makefile does it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from threading import Event, Thread


@contextmanager
def doing(what: str) -> Iterator[None]:
    """Say after a second what is done, then for how long; the next output takes that line.

    Where nobody watches, say nothing.
    """
    if not sys.stderr.isatty():
        yield
        return
    done = Event()
    ticking = Thread(target=tick, args=(what, done.wait), daemon=True)
    ticking.start()
    try:
        yield
    finally:
        done.set()
        ticking.join()


def tick(what: str, waits: Callable[[float], bool]) -> None:
    """Print a line a second until what is waited for has happened."""
    for seconds in count(1):
        if waits(1):
            break
        shown = f"{what} …\n" if seconds == 1 else f"{seconds:4} s\r"
        print(shown, end="", file=sys.stderr, flush=True)
    print("\033[K", end="", file=sys.stderr, flush=True)
