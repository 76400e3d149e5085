"""The model of git's merge is git's: held against git itself, on files full of look-alikes."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.updates.merge import Edit, Kind, Merge

LABELS = ("-L", "before updating", "-L", "last update", "-L", "after updating")
# Few different lines, as in blocks that look alike: also equal ones side by side, and blank ones.
LINES = st.lists(st.sampled_from(["a:", "  b: 1", "  c: 2", "  d: 3", "", "  e: 4"]), max_size=14)


def text(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def by_git(merge: Merge, edit: Edit, context: int, folder: Path) -> tuple[str, list[str]]:
    """Return how git merges an edit, and what the file is then: nothing, in a conflict."""
    edited = text(edit.made(merge.old))
    for name, lines in (("old", text(merge.old)), ("edited", edited), ("new", text(merge.new))):
        (folder / name).write_text(lines)
    compare = ("git", "diff", "--no-index", f"--unified={context}", "old", "edited")
    _, _, hunk = _run(*compare, cwd=folder).stdout.partition("\n@@ ")
    assert "\n@@ " not in hunk, "one edit is one hunk"
    file, rejected = folder / "file", folder / "file.rej"
    file.write_text(text(merge.new))
    patch = f"diff --git a/file b/file\n--- a/file\n+++ b/file\n@@ {hunk}"
    done = _run("git", "apply", "--reject", cwd=folder, given=patch)
    if done.returncode == 0:
        return "applied", file.read_text().split("\n")[:-1]
    rejected.unlink()  # which fails where git has refused the patch itself
    file.write_text(edited)
    conflicts = _run("git", "merge-file", *LABELS, "file", "old", "new", cwd=folder).returncode
    merged = file.read_text().split("\n")[:-1]
    if conflicts:
        return "conflict", []
    return ("same" if merged == merge.new else "merged"), merged


def _run(*command: str, cwd: Path, given: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=cwd, input=given, capture_output=True, text=True, check=False
    )


BLOCKS = [f"{name}:\n  b: 1\n  c: 2\n  d: 3\n  e: 4\n  f: 5\n  g: 6\n" for name in "ABC"]
ALL = "".join(BLOCKS)
FAR, BODY = "1\n2\n3\n4\n5\n6\n7\n8\n", "b\nc\nd\ne\nf\ng\n"
LIKE = BLOCKS[1].replace("B:", "X:")


@pytest.mark.parametrize(
    ("old", "new", "kind", "line", "how", "at"),
    [
        (ALL, ALL.replace("C:", "C: 1"), "replace", 3, "applied", 3),  # at its own place
        (ALL, f"#\n#\n{ALL}", "replace", 7, "applied", 9),  # by an offset
        (ALL, LIKE + ALL, "insert", 10, "applied", 10),  # in a twin, which is where it was
        (ALL, ALL.replace("b: 1", "b: 9", 1), "insert", 3, "applied", 10),  # in the next twin
        (FAR + BODY, f"#\n{BODY}{FAR}{BODY}", "insert", 10, "applied", 17),  # in the later of two
        (ALL, ALL.replace("A:", "Z:"), "replace", 0, "conflict", None),
        (ALL, ALL.replace("A:", "Z:"), "insert", 2, "merged", 2),
        (ALL, f"#\n{ALL}", "replace", 1, "merged", 2),  # a hunk of the beginning has to be there
        (ALL, f"{ALL}#\n", "insert", 20, "conflict", None),  # and one of the end
        (ALL, ALL.replace("  d: 3\n", "", 1), "delete", 3, "same", None),
        (ALL, ALL.replace("  d: 3\n", "", 1), "replace", 3, "conflict", None),
        ("a\n\n\nb\nc\nd\ne\n", "z\na\n\n\nb\nc\nd\ne\n", "delete", 2, "merged", 3),
        ("a\n", "b\n", "delete", 0, "conflict", None),
    ],
)
def test_what_can_become_of_an_edit(
    tmp_path: Path, old: str, new: str, kind: Kind, line: int, how: str, at: int | None
) -> None:
    merge, edit = Merge(old, new), Edit(kind, line)
    merged = merge.of(edit, 3)
    assert (merged.how, merged.at) == (how, at)
    assert by_git(merge, edit, 3, tmp_path) == (how, merge.after(edit, merged))


def test_any_edit_of_any_file_is_merged_as_git_merges_it(tmp_path: Path) -> None:
    seen: Counter[str] = Counter()

    @settings(
        max_examples=150,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(LINES, LINES, LINES, LINES, st.sampled_from([1, 3, 8]), st.data())
    def holds(
        begin: list[str],
        old: list[str],
        new: list[str],
        end: list[str],
        context: int,
        draw: st.DataObject,
    ) -> None:
        merge = Merge(text([*begin, "a:", *old, *end]), text([*begin, "a:", *new, *end]))
        edit = draw.draw(st.sampled_from(list(merge.edits())))
        merged = merge.of(edit, context)
        assert by_git(merge, edit, context, tmp_path) == (
            merged.how,
            merge.after(edit, merged),
        )
        seen[merged.how] += 1

    holds()
    assert min(seen[how] for how in ("applied", "merged", "conflict")) > 5, seen
