"""The commands of `golden-path` that change a service, one for each target of its Makefile."""

import argparse
import signal
import sys
from collections.abc import Sequence

from golden_path.updater.answers import answer
from golden_path.updater.functions import add, change, do, remove, rename, tune
from golden_path.updater.refresh import refresh
from golden_path.updater.source import ROOT, run
from golden_path.updater.update import BACK, check, update

STOPPED = "Run it again: it was stopped, and nothing has changed."

OF_FUNCTIONS = {
    "add-function": (add, "NAME", "KIND"),
    "remove-function": (remove, "NAME"),
    "rename-function": (rename, "NAME", "TO"),
    "change-function": (change, "NAME", "KIND"),
    "tune-function": (tune, "NAME", "SETTINGS"),
}


def main(words: Sequence[str]) -> int:
    """Do what the command line says, or end with a sentence; return an exit code."""
    parser = argparse.ArgumentParser(prog="golden-path")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    commands.add_parser("update").set_defaults(run=lambda _: update())
    commands.add_parser("update-check").set_defaults(run=lambda _: check())
    for command, verb, given in (
        ("answer", answer, "ANSWERS"),
        ("refresh-function", refresh, "NAME"),
    ):
        changing = commands.add_parser(command, help=verb.__doc__)
        changing.add_argument("words", nargs=1, metavar=given)
        changing.set_defaults(run=lambda options, verb=verb: verb(*options.words))
    for command, (verb, *given) in OF_FUNCTIONS.items():
        changing = commands.add_parser(command, help=verb.__doc__)
        changing.add_argument("words", nargs=len(given), metavar=tuple(given))
        changing.set_defaults(run=lambda options, verb=verb: do(verb, *options.words))
    options = parser.parse_args(words)
    # Ended from outside is ended as by Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        options.run(options)
    except KeyboardInterrupt:
        half = run(ROOT, "git", "status", "--porcelain").stdout
        sys.exit(f"Go back: {BACK}. It was stopped half-way." if half else STOPPED)
    return 0
