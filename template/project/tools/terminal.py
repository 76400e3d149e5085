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


def typed(name: str, given: str, what: str) -> None:
    """Have a name typed before something is done that no command takes back."""
    if given and given != name:
        sys.exit(f"Use NAME={name}: {given} is not its name. Nothing is done.")
    if given:
        return
    if not sys.stdin.isatty():
        sys.exit(f"Add NAME={name}: there is no terminal to ask on. Nothing is done.")
    try:
        answer = input(f"Type {name} to {what}: ")
    except LEFT:
        sys.exit("\nNothing is done.")
    if answer.strip() != name:
        sys.exit("Nothing is done.")
