"""An edit that moved to another section by an update is found, and nothing else is."""

from __future__ import annotations

import pytest

from tests.updates.witness import witnessed

STATEMENTS = """Resources:
  ARole:
    Policies:
      - PolicyName: a
        Statement:
          - Sid: Read
            Action:
              - s3:GetObject
{}          - Sid: Write
            Action:
              - s3:PutObject
{}  BRole:
    Policies:
      - PolicyName: b
        Statement:
          - Sid: Read
            Action:
              - s3:GetObject
{}"""
OWN = "              - s3:ListBucket\n"
NAMELESS = STATEMENTS.replace("Sid: Write\n            Action", "Action")
STEPS = """jobs:
  build:
    steps:
      - uses: actions/checkout@v1
        with:
          persist-credentials: false
{}      - uses: actions/setup-python@v1
        with:
          cache: pip
{}"""
DEEP = "          fetch-depth: 0\n"
PAGE = "Look.\n\n```sh\n# a comment\n{}```\n"
PAGES = f"# Runbook\n\n## Of functions\n\n### items\n\n{PAGE}\n### jobs\n\n{PAGE}"
TARGETS = ".PHONY: lint\nlint:\n\t@ruff\n{}\n.PHONY: test\ntest: lint\n\t@pytest\n{}"
NOTED = "{}.PHONY: lint\nlint:\n\t@ruff\n\n{}.PHONY: test\ntest:\n\t@pytest\n"
OBJECTS = '{{"Parameters": {{\n"A": {{\n"x": "1"{}\n}},\n"B": {{\n"x": "1"{}\n}}\n}}}}\n'
TABLES = "[dev.deploy]\nx = 1\n{}\n[prod.deploy]\nx = 1\n{}"
COMMENTS = "Resources:\n  A:\n    Type: x\n{}\n{}  B:\n    Type: y\n"

PAIRS = {
    "another resource": (
        "template.yaml",
        STATEMENTS,
        (OWN, "", ""),
        ("", "", OWN),
        "ARole",
        "BRole",
    ),
    "another statement": (
        "template.yaml",
        STATEMENTS,
        (OWN, "", ""),
        ("", OWN, ""),
        "Read",
        "Write",
    ),
    "any resource": (
        "template.yaml",
        STATEMENTS,
        ('              - "*"\n', "", ""),
        ("", "", '              - "*"\n'),
        "ARole",
        "BRole",
    ),
    "a statement that has no name": (
        "template.yaml",
        NAMELESS,
        (OWN, "", ""),
        ("", OWN, ""),
        "Read",
        "Action",
    ),
    "another event of a function": (
        "template.yaml",
        "Resources:\n  A:\n    Queue:\n      Type: SQS\n{}    Other:\n      Type: SQS\n{}",
        ("      Own: 1\n", ""),
        ("", "      Own: 1\n"),
        "Queue",
        "Other",
    ),
    "another statement without a name": (
        "template.yaml",
        "Resources:\n  A:\n    - Effect: Deny\n{}    - Effect: Allow\n{}",
        ("      Own: 1\n", ""),
        ("", "      Own: 1\n"),
        "Deny",
        "Allow",
    ),
    "another step": (
        ".github/workflows/check.yml",
        STEPS,
        (DEEP, ""),
        ("", DEEP),
        "actions/checkout",
        "actions/setup-python",
    ),
    "another page": ("docs/runbook.md", PAGES, ("hint\n", ""), ("", "hint\n"), "items", "jobs"),
    "another target": ("Makefile", TARGETS, ("\t@own\n", ""), ("", "\t@own\n"), "lint", "test"),
    "a note on another target": (
        "Makefile",
        NOTED,
        ("# own\n", ""),
        ("", "# own\n"),
        "lint",
        "test",
    ),
    "another object": ("config/dev.json", OBJECTS, (',\n"o": 1', ""), ("", ',\n"o": 1'), "A", "B"),
    "another table": (
        "samconfig.toml",
        TABLES,
        ("y = 2\n", ""),
        ("", "y = 2\n"),
        "dev.deploy",
        "prod.deploy",
    ),
    "a comment": ("template.yaml", COMMENTS, ("    # own\n", ""), ("", "  # own\n"), "A", "B"),
}


@pytest.mark.parametrize(
    ("file", "text", "left", "right", "origin", "target"), PAIRS.values(), ids=PAIRS
)
def test_each_format_knows_its_sections(
    file: str, text: str, left: tuple[str, ...], right: tuple[str, ...], origin: str, target: str
) -> None:
    old, before, after = ({file: text.format(*own)} for own in ([""] * len(left), left, right))
    (found,) = witnessed(old, before, after)
    assert [name.split(" / ")[0] for name in found.names] == [origin, target]
    assert not found.removal


@pytest.mark.parametrize(
    ("file", "text", "left", "right", "origin", "target"), PAIRS.values(), ids=PAIRS
)
def test_a_removal_that_moved_is_found_too(
    file: str, text: str, left: tuple[str, ...], right: tuple[str, ...], origin: str, target: str
) -> None:
    # given a line that the release has in both sections, and the team took from one
    whole = [one or other for one, other in zip(left, right, strict=True)]
    old, before, after = ({file: text.format(*own)} for own in (whole, right, left))
    (found,) = witnessed(old, before, after)
    assert [name.split(" / ")[0] for name in found.names] == [origin, target]
    assert found.removal


NO_MOVES = {
    "a statement that the release gives a name": (
        "template.yaml",
        STATEMENTS.replace("Sid: Read\n            Action", "Action"),
        STATEMENTS,
    ),
    "a heading that is another": (
        "docs/runbook.md",
        PAGES,
        PAGES.replace("### items", "### goods"),
    ),
    "a page that is under another part": (
        "docs/runbook.md",
        PAGES,
        PAGES.replace("## Of functions", "## Of the functions"),
    ),
    "a job that is renamed": (
        ".github/workflows/check.yml",
        STEPS,
        STEPS.replace("build:", "check:"),
    ),
    "an action of another version": (
        ".github/workflows/check.yml",
        STEPS,
        STEPS.replace("checkout@v1", "checkout@v2"),
    ),
}


@pytest.mark.parametrize(("file", "text", "newer"), NO_MOVES.values(), ids=NO_MOVES)
def test_what_bears_another_name_has_not_moved(file: str, text: str, newer: str) -> None:
    own = next((left for name, _, left, *_ in PAIRS.values() if name == file), ())
    none = [""] * len(own)
    old, before, after = (text.format(*none), text.format(*own), newer.format(*own))
    assert before != after
    assert witnessed({file: old}, {file: before}, {file: after}) == []


def test_what_the_release_moves_is_none_of_the_teams() -> None:
    old, new = (STATEMENTS.format(*own) for own in ((OWN, "", ""), ("", "", OWN)))
    file = "template.yaml"
    assert witnessed({file: old}, {file: old}, {file: new}) == []
