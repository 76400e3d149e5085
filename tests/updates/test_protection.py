"""What an update must not do unseen, nor half: by whom it is done, what git does not see."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.updates.conftest import RenderVersion
from tests.updates.living import (
    CHECK,
    COPIER,
    GOLDEN_PATH,
    UPDATE,
    begin,
    changed,
    commit,
    conflicts,
    edit,
    refused,
    run,
)
from tests.updates.test_command import contents, of

ADD = (*GOLDEN_PATH, "add-function", "audit", "sqs")


def release(template: Path) -> None:
    commit(template, tag="v2.1.0")


def updated(service: Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """Update without the checks at the end, which need a service that is set up."""
    make = service.parent / "bin/make"
    make.parent.mkdir(exist_ok=True)
    make.write_text("#!/bin/sh\n")
    make.chmod(0o755)
    environment = os.environ | {"PATH": f"{make.parent}:{os.environ['PATH']}"}
    return subprocess.run(
        UPDATE, cwd=service, env=environment, capture_output=True, text=True, **options
    )


# ------------------------------------------------------------ who updates, and by what


def test_an_update_is_brought_by_the_newest_releases_updater(
    service: Path, own_template: Path
) -> None:
    updater = own_template / "hooks/golden_path/updater/update.py"
    edit(updater, "    before = language.dependencies()\n", '    sys.exit("Here is v2.1.0.")\n')
    release(own_template)
    assert "Here is v2.1.0." in refused(*UPDATE, cwd=of(service, own_template))


@pytest.mark.parametrize("with_", ["import nobody_has_it\n", None], ids=["broken", "none"])
def test_without_it_the_services_own_brings_the_release(
    service: Path, own_template: Path, with_: str | None
) -> None:
    updater = own_template / "hooks/golden_path/updater/update.py"
    updater.write_text(with_) if with_ else updater.unlink()
    release(own_template)
    said = updated(of(service, own_template)).stdout
    assert "The updater of v2.1.0 cannot run here: that of v1.0.0 does it." in said
    assert (service / "SECURITY.md").exists()


PAGES = """{% for fn in service.functions %}
## {{ fn.name }}

Look at its log.
Look at its metrics.
Look at its trace.

Then call its team.
Then write it down.
Then go home.

{% endfor %}
"""


def test_an_edit_amid_lines_that_are_alike_stays_where_it_is(
    own_template: Path, tmp_path: Path
) -> None:
    # given pages that tell themselves apart by their headings alone
    (own_template / "template/project/docs/pages.md.jinja").write_text(PAGES)
    release(own_template)
    service = tmp_path / "service"
    run(*COPIER, "copy", "--quiet", "--defaults", own_template, service, cwd=tmp_path)
    begin(service)
    pages = service / "docs/pages.md"
    before, after = pages.read_text().split("## report\n")
    pages.write_text(f"{before}## report\n{after.replace('Then call', 'Then sleep, and call', 1)}")
    commit(service)
    # when
    run(*ADD, cwd=service)
    # then
    by_page = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", pages.read_text(), re.M | re.S))
    assert [name for name, text in by_page.items() if "sleep" in text] == ["report"]
    assert by_page.keys() == {"audit", "items", "report", "worker"}


def test_an_update_does_not_depend_on_what_git_status_shows(service: Path) -> None:
    # given a setting by which Copier finds nothing that it could not merge
    run("git", "config", "status.showUntrackedFiles", "no", cwd=service)
    path = service / "template.yaml"
    path.write_text(path.read_text().replace("Data: notBreaching", "Data: breaching"))
    commit(service)
    # when
    done = updated(service)
    # then
    assert re.search(r"\n  template\.yaml:\d+\n", done.stdout)
    assert not list(service.glob("*.rej"))
    assert "Data: breaching" in path.read_text(), "the edit is gone"


def test_what_an_update_before_could_not_merge_is_named(service: Path) -> None:
    (service / ".git/info/exclude").write_text("*.rej\n")
    (service / "README.md.rej").write_text("diff a/README.md b/README.md\t(rejected hunks)\n")
    said = refused(*UPDATE, cwd=service)
    assert said.startswith("Bring in by hand what README.md.rej holds, and delete it")


# ------------------------------------------------------------ what git does not see


def _ignored(service: Path) -> str:
    """Keep what the team has written in .npmrc's like out of git."""
    with (service / ".gitignore").open("a") as file:
        file.write("samconfig.toml\ndocs/\nconfig/local.json\nrequirements.txt\npackage.json\n")
    run("git", "rm", "--quiet", "--cached", "-r", "samconfig.toml", "docs", cwd=service)
    run("git", "rm", "--quiet", "--cached", "requirements.txt", cwd=service)
    for name in ("config/local.json", "package.json"):
        (service / name).write_text("{}\n")
    commit(service)
    return "docs/releases.md, docs/runbook.md, samconfig.toml"


def _excluded(service: Path) -> str:
    (service / ".git/info/exclude").write_text("SECURITY.md\n")
    (service / "SECURITY.md").write_text("# Ours\n")
    return "SECURITY.md"


def _excluded_everywhere(service: Path) -> str:
    own = service.parent / "excluded"
    own.write_text("SECURITY.md\n")
    run("git", "config", "core.excludesFile", str(own), cwd=service)
    (service / "SECURITY.md").write_text("# Ours\n")
    return "SECURITY.md"


def _flagged(*flags: str) -> Callable[[Path], str]:
    def flag(service: Path) -> str:
        run("git", "update-index", *flags, "config/dev.json", cwd=service)
        (service / "config/dev.json").write_text("{}\n")
        return "config/dev.json"

    return flag


UNSEEN = {
    "ignored": (_ignored, UPDATE),
    "excluded": (_excluded, UPDATE),
    "excluded everywhere": (_excluded_everywhere, CHECK),
    "assumed unchanged": (_flagged("--assume-unchanged"), UPDATE),
    "skipped": (_flagged("--skip-worktree"), ADD),
}


@pytest.mark.parametrize(("hide", "command"), UNSEEN.values(), ids=UNSEEN)
def test_what_git_could_not_bring_back_is_named_and_left_alone(
    service: Path, hide: Callable[[Path], str], command: tuple[str, ...]
) -> None:
    names = hide(service)
    before = contents(service)
    said = refused(*command, cwd=service)
    assert said.startswith(f"Let git see {names} first"), said
    assert contents(service) == before


# ------------------------------------------------------------ what is moved, and what is gone


def test_a_file_that_the_team_has_moved_is_named(service: Path) -> None:
    (service / "docs/ops").mkdir()
    run("git", "mv", "docs/runbook.md", "docs/ops/night.md", cwd=service)
    adapters = "src/service/adapters"
    run("git", "mv", f"{adapters}/sqs.py", f"{adapters}/queue.py", cwd=service)
    run("git", "mv", "src/service/handlers/report.py", "src/service/report.py", cwd=service)
    commit(service)
    said = run(*ADD, cwd=service)
    assert "Moved by you, so nothing new has come to:\n  docs/runbook.md (now docs/ops/" in said
    assert f"  {adapters}/sqs.py (now {adapters}/queue.py)\n" in said
    assert "report.py" not in said, "it is the team's own"


def test_a_file_that_is_a_link_is_named(service: Path) -> None:
    (service / "Makefile").rename(service / "own.mk")
    (service / "Makefile").symlink_to("own.mk")
    handler = service / "src/service/handlers/report.py"
    handler.rename(service / "report.py")
    handler.symlink_to("../../../report.py")
    commit(service)
    said = run(*CHECK, cwd=service)
    assert "A link in your service, so nothing new has come to:\n  Makefile\n" in said
    assert "report.py" not in said, "it is the team's own"


def test_a_folder_that_is_a_link_is_refused_before_anything_is_written(service: Path) -> None:
    # given one of the golden path, with an edit, and one of the team's own
    run("git", "mv", "docs", "documentation", cwd=service)
    (service / "docs").symlink_to("documentation")
    page = service / "docs/releases.md"
    page.write_text(page.read_text() + "The team has written this.\n")
    run("git", "mv", "src/service/domain", "domain", cwd=service)
    (service / "src/service/domain").symlink_to("../../domain")
    commit(service)
    before = contents(service)
    for command in (UPDATE, CHECK, ADD):
        # when
        said = refused(*command, cwd=service)
        # then
        assert said.startswith("Put a folder in the place of the link docs first"), said
        assert contents(service) == before
    # and a folder in its place is all that is asked for
    (service / "docs").unlink()
    run("git", "mv", "documentation", "docs", cwd=service)
    commit(service)
    run(*ADD, cwd=service)
    assert "The team has written this." in page.read_text()


# ------------------------------------------------------------ answers that change what it is


def _answered(service: Path, *answers: str) -> subprocess.CompletedProcess[str]:
    words = ("update", "--defaults", "--vcs-ref", ":current:")
    data = [word for answer in answers for word in ("--data", answer)]
    return subprocess.run([*COPIER, *words, *data], cwd=service, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("runtime", "other"), [("python3.14", "nodejs24.x"), ("nodejs24.x", "python3.14")]
)
def test_a_service_stays_in_its_language(
    render_version: RenderVersion, runtime: str, other: str
) -> None:
    service = render_version("service", runtime=runtime)
    done = _answered(service, f"runtime={other}")
    assert done.returncode != 0
    assert f"Keep {runtime}: the code of this service is" in done.stderr.splitlines()[-1]
    assert changed(service) == ""


@pytest.mark.parametrize(
    ("answers", "sentences"),
    [
        (
            ["data_store=none", "environments=[dev, prod]"],
            ["Rewrite what of your code uses the table", "An environment that is left out takes"],
        ),
        (["aws_region=eu-north-1"], []),
    ],
)
def test_what_becomes_of_code_is_said_before_it_does(
    service: Path, answers: list[str], sentences: list[str]
) -> None:
    # given an answer beside them that ends the update before it renders
    done = _answered(service, *answers, "owner=")
    # then
    assert "Use letters" in done.stderr
    said = done.stderr.split("Keeping template version")[0].strip()
    assert [
        line[: len(one)] for line, one in zip(_first(said), sentences, strict=True)
    ] == sentences


def _first(text: str) -> list[str]:
    """Return the lines that begin a sentence."""
    return [line for line in text.splitlines() if line[:1].isupper()]


# ------------------------------------------------------------ whose file it is


def test_the_golden_paths_own_requirements_follow(
    render_version: RenderVersion, own_template: Path
) -> None:
    # given a service whose requirements are all edited, and a release that has others
    service = of(render_version("typescript", runtime="nodejs24.x"), own_template)
    for lock in own_template.glob("template/locks/tools-*.txt"):
        lock.write_text(lock.read_text() + "# one more\n")
    release(own_template)
    lock = (service / "package-lock.json").read_text()
    # when
    updated(service)
    # then
    assert (service / "tools/requirements.txt").read_text().endswith("# one more\n")
    assert (service / "package-lock.json").read_text() == lock


def test_ends_of_lines_are_no_conflict_in_a_new_service(service: Path) -> None:
    # given an editor that writes other ends of lines, and the team's own line
    for name in ("Makefile", "template.yaml"):
        path = service / name
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    own = service / ".gitattributes"
    own.write_text(f"{own.read_text()}*.png binary\n")
    kept = own.read_text()
    commit(service)
    # when
    done = updated(service)
    # then
    assert "conflict" not in done.stdout
    assert conflicts(service) == []
    assert b"\r" not in (service / "template.yaml").read_bytes()
    assert own.read_text() == kept


# ------------------------------------------------------------ where


def test_a_service_that_has_moved_into_a_folder_is_updated_there(
    service: Path, tmp_path: Path
) -> None:
    # given one whose repository is another team's too
    top = tmp_path / "whole"
    moved = top / "services/living"
    moved.parent.mkdir(parents=True)
    service.rename(moved)
    (moved / ".git").rename(top / ".git")
    (top / "other.md").write_text("Of another team.\n")
    assert refused(*CHECK, cwd=moved).startswith("Commit or stash your changes first")
    commit(top)
    (top / "other.md").write_text("Of another team, and not committed.\n")
    assert refused(*CHECK, cwd=moved).startswith("Commit or stash other.md first: ")
    run("git", "checkout", "--quiet", ".", cwd=top)
    # when
    run(*ADD, cwd=moved)
    # then nothing is touched elsewhere
    paths = [line[3:] for line in changed(moved).splitlines()]
    assert all(path.startswith("services/living/") for path in paths)
    commit(top)
    (top / ".git/info/exclude").write_text("bin/\n")  # what stands in for `make`
    updated(moved)
    assert (moved / "SECURITY.md").exists()
    assert conflicts(moved) == []
