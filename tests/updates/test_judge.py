"""An edit that is in another section is told in every kind of file, and an honest one is let be."""

from __future__ import annotations

import pytest

from tests.updates.judge import Astray, File, simulate

TWINS = {
    "template.yaml": """\
Resources:
|  {}:
    A: 1
    B: 2
    C: 3
    D: 4
    E: 5
    F: 6
""",
    ".github/workflows/deliver.yml": """\
jobs:
|  {}:
    a: 1
    steps:
      - run: a
      - run: b
      - run: c
      - run: d
""",
    "pipeline/account.yaml": """\
Resources:
  Role:
    Statement:
|      - Sid: {}
        Effect: Allow
        Action:
          - a:One
          - a:Two
          - a:Three
        Resource: x
""",
    "docs/runbook.md": """\
# Runbook

|## {}

One.

- Two.
- Three.

```sh
# four
```
""",
    "Makefile": """\
# Commands.
|{}:
\t@a
\t@b
\t@c
\t@d
\t@e
\t@f
""",
    "tools/build.py": """\
import a
|def {}() -> None:
    a = 1
    b = 2
    c = 3
    d = 4
    e = 5
    f = 6
""",
    "tests/a.test.ts": """\
import "x";
|test("{}", () => {
  a();
  b();
  c();
  d();
  e();
});
""",
    "config/dev.json": """\
{
|  "{}": {
    "A": 1,
    "B": 2,
    "C": 3,
    "D": 4,
    "E": 5
  },
""",
}
"""The beginning of a file, and a block that it has more than once."""


def astray(path: str, old: str, new: str) -> list[Astray]:
    return simulate(File(path, old, new), 3).astray


@pytest.mark.parametrize("path", TWINS)
def test_an_edit_in_another_section_is_told(path: str) -> None:
    begin, block = TWINS[path].split("|")
    old = begin + "".join(block.replace("{}", name) for name in ("first", "second"))
    *head, changed, after, last = block.replace("{}", "first").splitlines(keepends=True)
    release = "".join([*head, f"{changed[:-1]}0\n", after, last])
    new = begin + release + block.replace("{}", "second")
    found = astray(path, old, new)
    assert found
    for one in found:
        assert "first" in str(one.before), one
        assert "second" in str(one.after), one


@pytest.mark.parametrize("path", TWINS)
def test_edits_stay_where_lines_tell_themselves_apart(path: str) -> None:
    begin, block = TWINS[path].split("|")
    named = [block.replace("\n", " {}\n").replace("{}", name) for name in ("first", "second")]
    old = begin + "".join(named)
    assert astray(path, old, begin + named[1]) == []
    assert astray(path, begin + named[1], old) == []


STATEMENT = "      - Sid: Read\n        Effect: Allow\n        Action: a\n        Resource: x\n"
ROLE = "  {}:\n    Statement:\n"
ONE = "Resources:\n" + ROLE.format("One") + "      - Sid: Write\n        Action: b\n"


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        # A release cuts a policy in two.
        ("account.yaml", ONE + STATEMENT, ONE + ROLE.format("Two") + STATEMENT),
        # It names a statement that had no name.
        (
            "account.yaml",
            ONE + STATEMENT.replace("Sid: Read\n        ", ""),
            ONE + STATEMENT,
        ),
        # It takes a function out of another.
        (
            "a.py",
            "def a() -> None:\n    b = 1\n    c = 2\n    d = 3\n",
            "def a() -> None:\n    b = 1\n    _a()\n\n\ndef _a() -> None:\n    c = 2\n    d = 3\n",
        ),
        # It puts blocks between two, where nothing stood.
        ("template.yaml", "A:\n  B: 1\n\nC:\n  D: 1\n", "A:\n  B: 1\n\nX: 1\n\nC:\n  D: 1\n"),
    ],
)
def test_what_the_release_has_moved_is_not_astray(path: str, old: str, new: str) -> None:
    assert simulate(File(path, old, new, released=True), 3).astray == []


def test_a_function_is_found_under_its_new_name() -> None:
    block = "## {} errors\n\nLook at {} first.\n\nSee it.\n\nThen go on.\n\nAnd end.\n"
    old, new = (f"# Runbook of the old\n\n{block.replace('{}', name)}" for name in ("old", "new"))
    assert astray("runbook.md", old, new) != []
    assert simulate(File("runbook.md", old, new, (("old", "new"),)), 3).astray == []


@pytest.mark.parametrize(
    ("new", "due", "undue"),
    [
        ("A: 1 # now with a comment\n", 2, 6),  # to replace and to delete the same line is due
        ("# Above it.\nA: 1\n", 0, 5),
        ("A: 2\n", 8, 0),
        ("", 7, 0),  # to delete it too is none
    ],
)
def test_a_conflict_is_due_where_more_than_a_comment_has_changed(
    new: str, due: int, undue: int
) -> None:
    lines = "Z: 1\nY: 2\nX: 3\n{}B: 2\nC: 3\nD: 4\n"
    counts = simulate(File("a.yaml", lines.format("A: 1\n"), lines.format(new)), 3).counts
    assert (counts["due"], counts["undue"]) == (due, undue)
