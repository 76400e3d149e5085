"""`make update` and `make update-check`: what they show, what they refuse, how to go back."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from golden_path.updater.changelog import news

from tests.updates.conftest import RenderVersion
from tests.updates.living import CHECK, UPDATE, begin, changed, commit, edit, refused, run

ANSWERS = ".copier-answers.yml"


@pytest.fixture
def own_service(service: Path, own_template: Path) -> Path:
    """A living service of it."""
    return of(service, own_template)


def of(service: Path, own_template: Path) -> Path:
    """Let a service have been rendered from another place."""
    source = _source(service)
    edit(service / ANSWERS, f"_src_path: {source}", f"_src_path: {own_template}")
    named = service / "tools/requirements-golden-path.txt"
    edit(named, f"file://{source}@", f"file://{own_template}@")
    commit(service)
    return service


def _source(service: Path) -> str:
    return str(yaml.safe_load((service / ANSWERS).read_text())["_src_path"])


def test_check_shows_what_would_change_and_changes_nothing(service: Path) -> None:
    before = run("git", "rev-parse", "HEAD", cwd=service)
    said = run(*CHECK, cwd=service)
    assert "v2.0.0 is newer than v1.0.0" in said
    assert "Every function has a gigabyte of it." in said
    assert "The first release." not in said
    assert re.search(r"template\.yaml +\| +\d+ ", said)
    assert "It would change:\n ." in said, "the first of the files stands apart"
    assert "Nothing stands against your edits." in said
    assert "create mode 100644 SECURITY.md" in said
    assert "conflict" not in said
    assert changed(service) == ""
    assert run("git", "rev-parse", "HEAD", cwd=service) == before


def test_check_foretells_conflicts(service: Path) -> None:
    path = service / "template.yaml"
    path.write_text(path.read_text().replace("Data: notBreaching", "Data: breaching"))
    commit(service)
    said = run(*CHECK, cwd=service)
    assert re.search(r"It would leave conflicts with your edits: template\.yaml:\d+", said)
    assert changed(service) == ""


@pytest.mark.parametrize("command", [UPDATE, CHECK])
def test_there_is_nothing_to_do_on_the_newest_release(
    render_version: RenderVersion, command: tuple[str, ...]
) -> None:
    service = render_version("newest", version="v2.0.0")
    assert "v2.0.0 is the newest release" in run(*command, cwd=service)
    assert changed(service) == ""


def test_conflicts_are_told_with_their_places_and_the_way_back(service: Path) -> None:
    # given edits of the very lines that the second version changes
    path = service / "template.yaml"
    path.write_text(path.read_text().replace("Data: notBreaching", "Data: breaching"))
    commit(service)
    # when
    done = subprocess.run(UPDATE, cwd=service, capture_output=True, text=True)
    # then
    assert done.returncode != 0, "Copier itself ends with 0 on a conflict"
    assert "Every function has a gigabyte of it." in done.stdout
    lines = path.read_text().splitlines()
    marked = [n for n, line in enumerate(lines, 1) if line.startswith("<<<<<<<")]
    assert re.findall(r"template\.yaml:(\d+)", done.stdout) == [str(n) for n in marked]
    assert f"{len(marked)} in conflict" in done.stdout
    # and the way back leads back
    back = re.search(r"To go back instead: (.+)", done.stderr)[1]
    for command in back.split(" && "):
        run(*command.split(), cwd=service)
    assert changed(service) == ""
    assert "v1.0.0" in (service / ANSWERS).read_text()


def test_a_deleted_file_is_told(own_service: Path, own_template: Path) -> None:
    # given a release that drops a file which the team has edited, and leaves a conflict
    (own_template / "template/project/tools/alarm.py").unlink()
    commit(own_template, tag="v2.1.0")
    with (own_service / "tools/alarm.py").open("a") as file:
        file.write("# The team has written this.\n")
    path = own_service / "template.yaml"
    path.write_text(path.read_text().replace("Data: notBreaching", "Data: breaching"))
    commit(own_service)
    # when
    done = subprocess.run(UPDATE, cwd=own_service, capture_output=True, text=True)
    # then
    assert "Deleted, with what you may have changed in them: tools/alarm.py" in done.stdout
    assert "tools/alarm.py is still named in: Makefile\n" in done.stdout
    run("git", "checkout", "--", "tools/alarm.py", cwd=own_service)


def test_a_file_that_a_release_brings_and_git_ignores_is_told(service: Path) -> None:
    with (service / ".gitignore").open("a") as ignored:
        ignored.write("SECURITY.md\n")
    commit(service)
    said = refused(*UPDATE, cwd=service)
    assert said.startswith("Let git see SECURITY.md (git add --force): v2.0.0 has brought it"), said
    assert (service / "SECURITY.md").exists()


def test_other_dependencies_are_locked_first(own_service: Path, own_template: Path) -> None:
    project = own_template / "template/project/{{ python }}/pyproject.toml.jinja"
    edit(project, '  "msgspec",\n', '  "msgspec",\n  "orjson",\n')
    commit(own_template, tag="v2.1.0")
    said = refused(*UPDATE, cwd=own_service)
    assert said.startswith("Run `make lock && make lint rules test`: pyproject.toml names other")


def test_other_dependencies_of_typescript_too(
    render_version: RenderVersion, own_template: Path
) -> None:
    service = of(render_version("typescript", runtime="nodejs24.x"), own_template)
    manifest = own_template / "template/project/{{ nodejs }}/package.json.jinja"
    edit(manifest, '  "valibot": "^1",\n', '  "valibot": "^1",\n  "zod": "^4",\n')
    commit(own_template, tag="v2.1.0")
    said = refused(*UPDATE, cwd=service)
    assert said.startswith("Run `make lock && make lint rules test`: package.json names other")


def _break_tree(service: Path, _template: Path) -> None:
    (service / "README.md").write_text("changed")


def _add_file(service: Path, _template: Path) -> None:
    (service / "notes.txt").write_text("not committed")


def _leave_git(service: Path, _template: Path) -> None:
    shutil.rmtree(service / ".git")


def _rewrite_history(_service: Path, template: Path) -> None:
    shutil.rmtree(template / ".git")
    run("git", "init", "--quiet", cwd=template)
    commit(template, tag="v1.0.0")


def _move_tag(_service: Path, template: Path) -> None:
    (template / "template/project/NEW.md").write_text("# New\n")
    commit(template)
    run("git", "tag", "--force", "v1.0.0", cwd=template)


def _delete_tag(_service: Path, template: Path) -> None:
    run("git", "tag", "--delete", "v1.0.0", cwd=template)


def _downgrade(service: Path, template: Path) -> None:
    newer = commit(template)
    described = run("git", "describe", "--tags", newer, cwd=template).strip()
    for name in (ANSWERS, "tools/rendered.yml"):
        edit(service / name, "_commit: v1.0.0", f"_commit: {described}")
    rendered = (service / "tools/rendered.yml").read_text()
    rendered = re.sub("^commit: .*", f"commit: {newer}", rendered, flags=re.MULTILINE)
    (service / "tools/rendered.yml").write_text(rendered)
    commit(service)


def _answer(before: str, after: str) -> Callable[[Path, Path], None]:
    def edit_answers(service: Path, _template: Path) -> None:
        edit(service / ANSWERS, before, after)
        commit(service)

    return edit_answers


def _answers(text: str) -> Callable[[Path, Path], None]:
    def write(service: Path, _template: Path) -> None:
        (service / ANSWERS).write_text(text)
        commit(service)

    return write


def _another_repository(service: Path, _template: Path) -> None:
    other = service.parent / "other"
    other.mkdir()
    (other / "copier.yml").write_text("name: {type: str, default: x}\n")
    begin(other)
    edit(service / ANSWERS, f"_src_path: {_source(service)}", f"_src_path: {other}")
    commit(service)


BAD = {
    "a dirty tree": (_break_tree, "Commit or stash your changes first"),
    "a file that is not committed": (_add_file, "Commit or stash your changes first"),
    "no git": (_leave_git, "Put the service under git first"),
    "a commit that is gone": (_rewrite_history, "Write the golden path's address as _src_path"),
    "a moved tag": (_move_tag, "Put the tag v1.0.0 of"),
    "a deleted tag": (_delete_tag, "Put the tag v1.0.0 of"),
    "a downgrade": (_downgrade, "Wait for the next release"),
    "an edited answer": (
        _answer("aws_region: eu-west-1", "aws_region: eu-central-1"),
        "Write aws_region in .copier-answers.yml as in tools/rendered.yml",
    ),
    "an edited function": (_answer("worker: sqs", "worker: schedule"), "Write functions in"),
    "an edited commit": (_answer("_commit: v1.0.0", "_commit: v2.0.0"), "Write _commit in"),
    "an answer that is gone": (_answer("owner: platform\n", ""), "Restore .copier-answers.yml"),
    "nonsense": (_answers("{"), "Restore .copier-answers.yml"),
    "a list": (_answers("- worker\n"), "Restore .copier-answers.yml"),
    "nothing": (_answers(""), "Restore .copier-answers.yml"),
    "answers of another template": (
        _answers("_commit: 1.0.0\n_src_path: gh:example/other\nname: x\n"),
        "Restore .copier-answers.yml",
    ),
    "another template's address": (
        _another_repository,
        "Write the golden path's address as _src_path",
    ),
    "an address that nobody has": (
        _answer("_src_path: ", "_src_path: /nowhere"),
        "Make /nowhere",
    ),
    "a relative address": (_answer("_src_path: /", "_src_path: "), "Write _src_path in"),
}


@pytest.mark.parametrize(("breaking", "sentence"), BAD.values(), ids=BAD)
def test_what_no_update_can_stand_on_is_refused_in_a_sentence_and_nothing_changes(
    own_service: Path,
    own_template: Path,
    breaking: Callable[[Path, Path], None],
    sentence: str,
) -> None:
    # given
    breaking(own_service, own_template)
    before = contents(own_service)
    for command in (UPDATE, CHECK):
        # when
        said = refused(*command, cwd=own_service)
        # then
        assert said.startswith(sentence), said
        assert len(said.splitlines()) == 1
        assert contents(own_service) == before


def contents(service: Path) -> dict[Path, bytes]:
    files = (path for path in service.rglob("*") if ".git" not in path.parts and path.is_file())
    return {path: path.read_bytes() for path in files if "__pycache__" not in path.parts}


def test_a_wrong_word_is_refused(service: Path) -> None:
    assert "unrecognized arguments: force" in refused(*UPDATE, "force", cwd=service)


def test_without_git_nothing_can_be_merged(service: Path) -> None:
    done = subprocess.run(UPDATE, cwd=service, capture_output=True, text=True, env={"PATH": ""})
    assert done.stderr.startswith("Install git")


def test_a_stop_while_the_checks_run_is_no_update_half_way(service: Path, tmp_path: Path) -> None:
    # given checks in whose midst Ctrl-C is typed
    stub = tmp_path / "bin/make"
    stub.parent.mkdir()
    stub.write_text("#!/bin/sh\nkill -INT 0\nsleep 60\n")
    stub.chmod(0o755)
    path = os.environ | {"PATH": f"{stub.parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        UPDATE,
        cwd=service,
        env=path,
        capture_output=True,
        text=True,
        start_new_session=True,
        # A shell has what it runs in the background ignore Ctrl-C, and these tests may run there.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    # then
    assert done.returncode != 0
    assert done.stderr.startswith("Run `make lint rules test`: v2.0.0 is here, and its checks were")
    assert len(done.stderr.splitlines()) == 1
    assert "_commit: v2.0.0" in (service / ANSWERS).read_text()


def test_news_lead_somewhere_and_are_short_where_they_are_many() -> None:
    was = "# Changelog\n\n## 1 (then)\n\n**Old.** It was.\n"
    entry = "**New, see [how](docs/how-to/a.md).** Read [more](https://example.com/x).\n"
    now = was.replace("## 1", f"## 2 (now)\n\n{entry}\n## 1")
    for address, place in (
        ("https://example.com/team/path.git", "https://example.com/team/path/blob/v2"),
        ("git@example.com:team/path", "https://example.com/team/path/blob/v2"),
        ("/folder/path", "/folder/path"),
    ):
        linked = f"[how]({place}/docs/how-to/a.md).** Read [more](https://example.com/x)."
        assert news(was, now, address, "v2") == f"## 2 (now)\n\n**New, see {linked}\n\n"
        many = news(was, now.replace(entry, f"{entry}\n" * 40), address, "v2")
        assert "Read" not in many
        assert many.count("**New, see [how]") == 40
        assert many.endswith(f"\n\nAll of it: {place}/CHANGELOG.md\n")
