"""The command `golden-path`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from golden_path.check import ANSWERS, DELIVERY, check, check_service
from golden_path.document import CannotJudge
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
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    judge = commands.add_parser("check", help="judge templates")
    judge.add_argument(
        "templates",
        nargs="*",
        type=Path,
        metavar="PATH",
        help=f"a template, or a folder with template.yaml and {DELIVERY}/*.yaml (default: this)",
    )
    judge.add_argument(
        "--answers", type=Path, help=f"the service's answers (default: its {ANSWERS}, if any)"
    )
    judge.set_defaults(run=_check)

    listing = commands.add_parser("rules", help="list the rules")
    listing.set_defaults(run=_rules)

    for command in ELSEWHERE:
        commands.add_parser(command, help=f"of a rendered service: `golden-path {command} --help`")

    for command in (judge, listing):
        command.add_argument("--format", choices=("text", "json"), default="text")
    return parser


def _check(options: argparse.Namespace) -> int:
    try:
        if options.templates:
            judged = (
                (check_service if path.is_dir() else check)(path, options.answers)
                for path in options.templates
            )
            findings = [finding for found in judged for finding in found]
        else:
            findings = check_service(Path(), options.answers)
    except CannotJudge as error:
        print(f"golden-path: {error}", file=sys.stderr)
        return CANNOT_JUDGE
    if options.format == "json":
        print(json.dumps([finding.as_dict() for finding in findings], indent=2))
    else:
        for finding in findings:
            print(finding)
    return FINDINGS if findings else CLEAN


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
