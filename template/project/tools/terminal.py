"""The person at the terminal."""

import sys

LEFT = (EOFError, KeyboardInterrupt)  # by Ctrl-D or Ctrl-C


def confirm(question: str) -> None:
    """Ask before something is done, and end without a yes."""
    if not sys.stdin.isatty():
        sys.exit("Add YES=1: there is no terminal to ask on. Nothing is done.")
    try:
        answer = input(f"{question} [y/N] ")
    except LEFT:
        sys.exit("\nNothing is done.")
    if answer.strip().lower() != "y":
        sys.exit("Nothing is done.")
