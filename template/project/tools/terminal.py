"""The person at the terminal."""

import sys


def confirm(question: str) -> None:
    """Ask before something is done, and end without a yes."""
    if not sys.stdin.isatty():
        sys.exit("Add YES=1: there is no terminal to ask on. Nothing is done.")
    if input(f"{question} [y/N] ").strip().lower() != "y":
        sys.exit("Nothing is done.")
