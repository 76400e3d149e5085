"""The command `golden-path`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from golden_path.check import ANSWERS, DELIVERY, check_all
from golden_path.formats import FORMATS, released
from golden_path.rules import RULES

# They need what a check does without: a client of AWS, Copier.
ELSEWHERE = {"local": "golden_path.local.commands"} | dict.fromkeys(
    (
        *("answer", "update", "update-check", "refresh-function"),
        *(f"{verb}-function" for verb in ("add", "remove", "rename", "change", "tune")),
    ),
    "golden_path.updater.commands",
)
CLEAN, FINDINGS, CANNOT_JUDGE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words and words[0] in ELSEWHERE:
        return import_module(ELSEWHERE[words[0]]).main(words)
    options = _parser().parse_args(words)
    return options.run(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="golden-path",
        description="Judges an AWS SAM service by the rules of the golden path.",
        epilog="Exit codes: 0 clean, 1 findings, 2 the service could not be judged.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {released()}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    judge = commands.add_parser("check", help="judge templates")
    judge.add_argument(
        "templates",
        nargs="*",
        type=Path,
        metavar="PATH",
        help=f"a template, or a folder with one and {DELIVERY}/*.yaml (default: this)",
    )
    for word, what in (("select", "only these"), ("ignore", "none of these")):
        judge.add_argument(
            f"--{word}",
            type=_rules_named,
            default=[],
            metavar="RULES",
            help=f"{what}: ids or how they begin, with commas between, `facts` or `style`",
        )
    judge.add_argument(
        "--answers", type=Path, help=f"the service's answers (default: its {ANSWERS}, if any)"
    )
    judge.set_defaults(run=_check)

    listing = commands.add_parser("rules", help="list the rules")
    listing.set_defaults(run=_rules)

    for command in ELSEWHERE:
        commands.add_parser(command, help=f"of a rendered service: `golden-path {command} --help`")

    judge.add_argument("--format", choices=FORMATS, default="text")
    listing.add_argument("--format", choices=("text", "json"), default="text")
    return parser


def _rules_named(words: str) -> list[str]:
    """The ids of the rules that are meant by words with commas between."""
    found: list[str] = []
    for word in words.split(","):
        named = {"facts": False, "style": True}.get(word)
        ids = [
            id_
            for id_, rule in RULES.items()
            if (id_.startswith(word) if named is None else rule.style is named)
        ]
        if not word or not ids:
            raise argparse.ArgumentTypeError(f"no rule begins with {word!r}, see golden-path rules")
        found += ids
    return found


def _check(options: argparse.Namespace) -> int:
    judged = check_all(options.templates or [Path()], options.answers)
    findings = [
        finding
        for finding in judged.findings
        if finding.rule in (options.select or RULES) and finding.rule not in options.ignore
    ]
    _print(FORMATS[options.format](findings))
    for failure in judged.failures:
        print(f"golden-path: {failure}", file=sys.stderr)
    if judged.failures:
        return CANNOT_JUDGE
    return FINDINGS if findings else CLEAN


def _print(text: str) -> None:
    """Write what any terminal can show; who has read enough may close the pipe."""
    encoding = sys.stdout.encoding or "utf-8"
    try:
        print(text.encode(encoding, "replace").decode(encoding), end="", flush=True)
    except BrokenPipeError:
        # Python would fail again when it ends and writes what is left.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _rules(options: argparse.Namespace) -> int:
    rules = sorted(RULES.values(), key=lambda rule: rule.id)
    if options.format == "json":
        fields = ("id", "title", "why", "mend")
        listed = [{field: getattr(rule, field) for field in fields} for rule in rules]
        print(json.dumps(listed, indent=2))
    else:
        for rule in rules:
            print(f"{rule.id} {rule.title}.")
    return CLEAN
