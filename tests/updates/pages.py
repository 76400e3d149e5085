"""A service of one page, of which an update moves an edit: git alone is asked about it."""

from __future__ import annotations

from pathlib import Path

from golden_path.rules.updates import Unmoved

from tests.updates.living import begin, commit, edit

PAGE = "# Runbook\n\n## items errors\n\nLook at the log.\n\n## audit errors\n\nLook at the log.\n"
ITEMS, AUDIT = "## items errors\n\n", "## audit errors\n\n"
HINT = "Ask the team of payments.\n"
ENTRY = "docs/runbook.md: items errors -> audit errors"
MOVED = [
    "docs/runbook.md:9: GP961 audit errors: `Ask the team of payments.` stood on items errors"
    " before an update and stands on audit errors now. Put it back, or say in .golden-path.yml"
    f" why it is right ({ENTRY!r})."
]


def born(repository: Path, folder: Path) -> Path:
    """Have a service in a folder of a repository, as it was rendered."""
    (folder / "docs").mkdir(parents=True)
    (folder / "docs/runbook.md").write_text(PAGE)
    (folder / ".copier-answers.yml").write_text("_commit: v1.0.0\n")
    begin(repository)
    return folder


def hinted(service: Path) -> Path:
    """Add a hint to the service's page, by a commit of the team."""
    rewrite(service, ITEMS, ITEMS + HINT)
    commit(service)
    return service


def rewrite(service: Path, before: str, after: str) -> None:
    edit(service / "docs/runbook.md", before, after)


def update(service: Path, version: str = "v1.1.0") -> None:
    (service / ".copier-answers.yml").write_text(f"_commit: {version}\n")


def move(service: Path) -> None:
    """Leave the hint on another page, as a merge does where pages look alike."""
    rewrite(service, HINT, "")
    rewrite(service, AUDIT, AUDIT + HINT)


def found(service: Path) -> list[str]:
    return [str(finding) for finding in Unmoved().in_folder(service)]
