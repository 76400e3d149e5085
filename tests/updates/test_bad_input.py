"""What cannot be updated ends in a sentence, and the way back leaves nothing."""

from __future__ import annotations

import fcntl
import os
import re
import resource
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.swift.shared import SHARED
from tests.updates.conftest import RenderVersion
from tests.updates.living import CHECK, GIT, UPDATE, begin, changed, commit, edit, refused, run
from tests.updates.test_command import ANSWERS, contents, of
from tests.updates.test_protection import ADD, release, updated

BACK = "git reset --hard && git clean --force -d"


def _merged(service: Path, *, committed: bool) -> None:
    """Change the description on two branches, and merge them."""
    branch = run("git", "branch", "--show-current", cwd=service).strip()
    for name, text in (("other", "Sells."), (branch, "Buys.")):
        run("git", "checkout", "--quiet", "-B", name, cwd=service)
        answers = (service / ANSWERS).read_text()
        pattern = r"^service_description: .*\n(  .*\n)*"
        line = f"service_description: {text}\n"
        (service / ANSWERS).write_text(re.sub(pattern, line, answers, flags=re.MULTILINE))
        commit(service)
        if name == "other":
            run("git", "checkout", "--quiet", branch, cwd=service)
    subprocess.run([*GIT, "merge", "other"], cwd=service, capture_output=True)
    if committed:
        commit(service)


@pytest.mark.parametrize(
    ("committed", "sentence"),
    [
        (False, f"End the merge first: {ANSWERS} in conflict"),
        (True, f"Take one side of {ANSWERS} and of tools/rendered.yml"),
    ],
)
def test_answers_in_conflict_are_refused(service: Path, committed: bool, sentence: str) -> None:
    _merged(service, committed=committed)
    for command in (UPDATE, ADD):
        assert refused(*command, cwd=service).startswith(sentence)


CONFLICT = "<<<<<<< before updating\n{}=======\n{}>>>>>>> after updating\n"
TIMEOUT = "      Timeout: 45 # worker: seconds\n"


def test_conflicts_of_an_update_before_are_refused(service: Path) -> None:
    edit(service / "template.yaml", TIMEOUT, CONFLICT.format(TIMEOUT, TIMEOUT))
    commit(service)
    for command in (UPDATE, CHECK, ADD):
        assert refused(*command, cwd=service).startswith(
            "Solve the conflicts in template.yaml first"
        )


def test_conflicts_that_were_once_committed_stop_nothing(render_version: RenderVersion) -> None:
    # given a past that nobody can read
    service = render_version("service", "v2.0.0")
    template, answers = service / "template.yaml", service / ANSWERS
    kept = template.read_text(), answers.read_text()
    timeout = TIMEOUT.replace("45", "60")
    edit(template, timeout, CONFLICT.format(timeout, timeout))
    edit(answers, "owner: platform\n", "<<<<<<< HEAD\nowner: platform\n=======\n>>>>>>> other\n")
    run(*GIT, "commit", "--quiet", "--all", "--amend", "--message", "All", cwd=service)
    answers.write_text(kept[1])
    commit(service)
    template.write_text(kept[0])
    (service / "docs/releases.md").unlink()
    commit(service)
    # then it still is told what is missing since
    said = run(*CHECK, cwd=service)
    assert "What v2.0.0 has and this service lacks:\n  docs/releases.md\n" in said


def test_a_template_that_cannot_be_read_is_told(service: Path) -> None:
    edit(service / "template.yaml", "\nResources:\n", "\nResources:\n  - [\n")
    commit(service)
    assert refused(*CHECK, cwd=service).startswith("Mend template.yaml first")


def test_a_golden_path_out_of_reach_is_told_with_what_ssh_says(
    service: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = (service / ANSWERS).read_text()
    address = "_src_path: git@example.com:platform/golden-path"
    (service / ANSWERS).write_text(re.sub("^_src_path: .*", address, answers, flags=re.MULTILINE))
    commit(service)
    denied = "git@example.com: Permission denied (publickey)."
    monkeypatch.setenv("GIT_SSH_COMMAND", f"echo '{denied}' >&2; exit 255 #")
    monkeypatch.setenv("GIT_SSH_VARIANT", "ssh")
    said = refused(*UPDATE, cwd=service)
    assert said.startswith("Make git@example.com:platform/golden-path reachable: git cannot")
    assert f"({denied} fatal: Could not read from remote repository.)" in said
    assert len(said.splitlines()) == 1


def test_a_second_update_waits_for_the_first(service: Path) -> None:
    other = os.open(service / ".git", os.O_RDONLY)
    try:
        fcntl.flock(other, fcntl.LOCK_EX)
        for command in (UPDATE, ADD):
            assert refused(*command, cwd=service).startswith("Wait until the other update ends")
    finally:
        os.close(other)
    assert changed(service) == ""


def test_an_old_service_whose_history_is_squashed_follows(service: Path) -> None:
    # given a service of before there were .gitattributes, and but one commit
    (service / ".gitattributes").unlink()
    shutil.rmtree(service / ".git")
    begin(service)
    # when
    done = updated(service)
    # then
    assert "conflict" not in done.stdout
    assert (service / "SECURITY.md").exists()
    assert not (service / ".gitattributes").exists(), "git would write every file anew"


def test_a_work_tree_without_rights_is_refused_before_anything_is_written(service: Path) -> None:
    before = contents(service)
    (service / "docs").chmod(0o500)
    # Who is root needs no rights, unless it lays them down.
    bounded = ("setpriv", "--bounding-set", "-dac_override") if os.geteuid() == 0 else ()
    said = refused(*bounded, *UPDATE, cwd=service)
    (service / "docs").chmod(0o700)
    assert said.startswith(f"Give yourself the right to write {service / 'docs'}")
    assert contents(service) == before


def test_a_disk_that_gets_full_leaves_a_way_back(service: Path, own_template: Path) -> None:
    # given a release with a file of four megabytes, and room for three
    large = own_template / "template/project/large.txt.jinja"
    large.write_text("{{ 'four megabytes' * 300000 }}\n")
    release(own_template)
    service = of(service, own_template)
    before = contents(service)

    def with_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (3_000_000, 3_000_000))

    done = subprocess.run(UPDATE, cwd=service, capture_output=True, text=True, preexec_fn=with_room)
    # then
    assert done.returncode != 0
    assert done.stderr.startswith(f"Go back: {BACK}. The update has ended half-way ("), done.stderr
    assert "File too large" in done.stderr
    assert contents(service) != before
    for command in BACK.split(" && "):
        run(*command.split(), cwd=service)
    assert contents(service) == before


def test_an_update_that_is_killed_leaves_no_rejected_edits(service: Path, tmp_path: Path) -> None:
    # given an edit that is in conflict, where git is told to ignore what it rejects
    (service / ".git/info/exclude").write_text("*.rej\n")
    template = service / "template.yaml"
    template.write_text(template.read_text().replace("Data: notBreaching", "Data: breaching"))
    commit(service)
    before = contents(service)
    # when Copier is killed before it merges that
    path = stubbed_git(tmp_path, 'case "$*" in *merge-file*) kill -9 $PPID;; esac')
    done = subprocess.run(UPDATE, cwd=service, env=path, capture_output=True, text=True)
    # then
    assert done.stderr.startswith(f"Go back: {BACK}. The update has ended half-way ("), done.stderr
    for command in BACK.split(" && "):
        run(*command.split(), cwd=service)
    assert contents(service) == before


def test_ends_of_lines_that_a_release_has_not_are_refused(service: Path, tmp_path: Path) -> None:
    # given a service that no attributes tell how lines end, and a machine that writes CRLF
    (service / ".gitattributes").unlink()
    commit(service)
    crlf = ("--config", "core.autocrlf=true")
    run("git", "clone", "--quiet", *crlf, service, tmp_path / "crlf", cwd=tmp_path)
    service = tmp_path / "crlf"
    before = contents(service)
    # when
    said = refused(*UPDATE, cwd=service)
    # then it ends before anything is written, with commands that mend it
    assert contents(service) == before
    cure = re.match(
        r"Check the files out as git stores them \((.+)\): their lines end in CRLF", said
    )
    for command in cure[1].split(" && "):
        run(*command.split(), cwd=service)
    assert b"\r" not in (service / "template.yaml").read_bytes()
    run(*CHECK, cwd=service)


def test_a_machine_that_will_write_crlf_meets_no_conflict(service: Path) -> None:
    (service / ".gitattributes").unlink()
    commit(service)
    run("git", "config", "core.autocrlf", "true", cwd=service)
    assert "conflict" not in updated(service).stdout
    assert b"\r" not in (service / "template.yaml").read_bytes()


def test_files_that_git_stores_with_crlf_are_refused(service: Path) -> None:
    # given a page of the golden path, and code of the team's own, from an editor that writes CRLF
    (service / ".gitattributes").unlink()
    run("git", "config", "core.autocrlf", "false", cwd=service)
    commit(service)
    page = service / "docs/releases.md"
    page.write_text(page.read_text() + "The team has written this.\n")
    for path in (page, service / "src/service/domain/items.py"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    with (service / "README.md").open("ab") as file:
        file.write(b"One line.\r\n")
    commit(service)
    before = contents(service)
    for command in (UPDATE, CHECK, ADD):
        # when
        said = refused(*command, cwd=service)
        # then
        assert said.startswith("Store lines with LF ("), said
        assert "they end in CRLF in README.md, docs/releases.md, and in LF" in said
        assert contents(service) == before
    # and the commands that it names mend it
    cure = re.match(r"Store lines with LF \((.+)\): they end in CRLF", said)
    for command in cure[1].split(" && "):
        run(*GIT, *command.split()[1:], cwd=service)
    run(*ADD, cwd=service)
    assert b"The team has written this." in page.read_bytes()
    assert b"\r" not in page.read_bytes()


def stubbed_git(folder: Path, before: str) -> dict[str, str]:
    """Return an environment in whose git something is done first."""
    stub = folder / "bin/git"
    stub.parent.mkdir()
    stub.write_text(f'#!/bin/sh\n{before}\nexec {shutil.which("git")} "$@"\n')
    stub.chmod(0o755)
    return os.environ | {"PATH": f"{stub.parent}:{os.environ['PATH']}"}


# Who clones when there is no room: this command, or Copier, which does it into a folder named so.
@pytest.mark.parametrize("cloning", ["*", "*/copier._vcs.clone.*"], ids=["clone", "render"])
def test_a_full_folder_for_temporary_files_is_told_by_its_cure(
    service: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cloning: str
) -> None:
    monkeypatch.delenv(SHARED)  # where Copier would find a clone
    full = 'echo "fatal: cannot write: No space left on device" >&2; exit 128'
    path = stubbed_git(tmp_path, f'case "$*" in *clone\\ {cloning}) {full};; esac')
    done = subprocess.run(UPDATE, cwd=service, env=path, capture_output=True, text=True)
    assert done.returncode != 0
    assert done.stderr.startswith("Make room in "), done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert changed(service) == ""
