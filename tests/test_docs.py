"""The documentation is current, leads somewhere, and tells a reader to type what exists."""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from golden_path.check import check
from golden_path.rules import RULES

from docs.generate import WRITTEN
from docs.written.facts import alarms
from tests.conftest import ROOT, Render
from tests.linting import linted

PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
REFERENCE = ROOT / "docs/reference"
TUTORIAL = ROOT / "docs/tutorial.md"
QUESTIONS = yaml.safe_load((ROOT / "copier.yml").read_text())
FENCED = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
PROGRAMS = {"aws", "cd", "copier", "curl", "gh", "git", "make", "pipx", "uvx"}
OWN = (".venv/bin/", ".tools/golden-path/bin/")  # of a service

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def commands(page: Path) -> Iterator[list[str]]:
    """Yield the commands in a page's shell blocks, as the shell would split them."""
    for _indent, language, block in FENCED.findall(page.read_text()):
        if language == "sh":
            for line in block.replace("\\\n", " ").splitlines():
                if words := shlex.split(line, comments=True):
                    yield words


def prose(page: Path) -> str:
    return FENCED.sub("", page.read_text())


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-").strip("-")
        for heading in headings
    }


def targets(makefile: Path) -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", makefile.read_text(), re.MULTILINE))


def answers(words: list[str]) -> dict[str, Any]:
    """Return what a copier command answers by -d."""
    given = [value.split("=", 1) for flag, value in pairwise(words) if flag == "-d"]
    return {name: yaml.safe_load(value) for name, value in given}


def variables(words: list[str]) -> dict[str, str]:
    """Return what a make command sets."""
    return dict(word.split("=", 1) for word in words if "=" in word)


@pytest.fixture(scope="module")
def whole_service(render: Render) -> Path:
    """A service with all that an answer can bring to its commands."""
    return render(
        triggers=["http_api", "sqs", "schedule", "step_functions"],
        secrets={"partner-token": "medium"},
        delivery="both",
        folder="services/whole",
    )


def test_what_is_written_is_current() -> None:
    # The pages of alarms and of updates come from runs, and have tests of their own.
    run = {"docs/reference/alarms.md", "docs/reference/updates.md"}
    assert {f"docs/reference/{path.name}" for path in REFERENCE.iterdir()} - run <= {*WRITTEN}
    stale = [name for name, page in WRITTEN.items() if (ROOT / name).read_text() != page()]
    assert stale == [], "run `make docs`"


def test_its_check_tells_a_stale_page(tmp_path: Path) -> None:
    for name in ("copier.yml", "template"):
        (tmp_path / name).symlink_to(ROOT / name)
    for name in ("docs", "hooks"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "docs/reference/rules.md").unlink()
    check = [sys.executable, "-m", "docs.generate", "--check"]
    # a page is not written yet
    done = subprocess.run(check, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == "docs/reference/rules.md is not current: make docs\n"
    assert not (tmp_path / "docs/reference/rules.md").exists(), "--check writes"
    # all is written
    subprocess.run(check[:-1], cwd=tmp_path, check=True, capture_output=True)
    assert subprocess.run(check, cwd=tmp_path, capture_output=True).returncode == 0


def test_every_question_kind_and_rule_has_its_place() -> None:
    questions = {
        name
        for name, question in QUESTIONS.items()
        if not name.startswith("_") and question.get("when") is not False
    }
    kinds = {path.name for path in (ROOT / "template/kinds").iterdir()}
    assert questions <= anchors(REFERENCE / "questions.md")
    assert kinds <= anchors(REFERENCE / "kinds.md"), "is it among the choices in copier.yml?"
    assert {rule.lower() for rule in RULES} <= anchors(REFERENCE / "rules.md")


def test_every_setting_and_alarm_of_a_kind_is_told() -> None:
    text = (REFERENCE / "kinds.md").read_text()
    for trigger in (ROOT / "template/kinds").glob("*/kind.yml"):
        facts = yaml.safe_load(trigger.read_text())
        section = text.split(f"## `{trigger.parent.name}`\n")[1].split("\n## ")[0]
        wired = alarms(trigger.parent.name)
        for name in facts["settings"].keys() | wired.keys():
            assert f"| `{name}` |" in section
        assert facts["idempotency_key"] in section


@every_page
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{target} leads nowhere"
        if anchor:
            assert anchor in anchors(file), f"{target}: {file.name} has no such heading"


def test_every_page_is_led_to() -> None:
    linked = {
        (page.parent / target.partition("#")[0]).resolve()
        for page in PAGES
        for target in re.findall(r"\]\(([^)\s]+)\)", prose(page))
    }
    lost = [str(page) for page in PAGES[1:] if page not in linked]
    assert lost == [], "no page leads to it"


@every_page
def test_make_targets_exist(page: Path, whole_service: Path) -> None:
    known = targets(ROOT / "Makefile") | targets(whole_service / "Makefile")
    typed = [words for words in commands(page) if words[0] == "make"]
    named = [code.split() for code in re.findall(r"`(make [^`]+)`", prose(page))]
    for words in typed + named:
        wanted = {word for word in words[1:] if re.fullmatch(r"[a-z][a-z-]*", word)}
        assert wanted <= known, f"{' '.join(words)}: no such target"
        assert wanted or words in typed, f"{' '.join(words)} names no target"


@every_page
def test_commands_are_well_formed(page: Path, whole_service: Path) -> None:
    makefiles = (ROOT / "Makefile").read_text() + (whole_service / "Makefile").read_text()
    for words in commands(page):
        program = words[0]
        assert program in PROGRAMS or program.startswith(OWN), f"{program}: what is it?"
        if "copier" in words or program.endswith("/copier"):
            unknown = answers(words).keys() - QUESTIONS.keys()
            assert not unknown, f"no such question: {unknown}"
        if program == "make":
            for name in variables(words):
                assert re.search(rf"\$\((value )?{name}\)", makefiles), f"no Makefile reads {name}"


@pytest.fixture(scope="module")
def at_the_end(render: Render) -> Path:
    """The service that the tutorial's commands lead to, rendered at once."""
    typed = list(commands(TUTORIAL))
    given = next(answers(words) for words in typed if "copier" in words)
    functions = given["functions"]
    for words in typed:
        setting = variables(words)
        if words[:2] == ["make", "add-function"]:
            functions[setting["NAME"]] = setting["KIND"]
        if words[:2] == ["make", "tune-function"]:
            entry = functions[setting["NAME"]]
            tuned = yaml.safe_load(f"{{{setting['SET']}}}")
            functions[setting["NAME"]] = {"trigger": entry} | tuned
    return render(**given)


def test_the_tutorial_is_a_path(at_the_end: Path) -> None:
    named = re.findall(r"`([\w./-]+\.(?:py|json|yml|yaml|md))`", prose(TUTORIAL))
    assert len(named) >= 8
    missing = [name for name in named if not (at_the_end / name).exists()]
    assert missing == [], "the tutorial names files that its service has not"


def test_the_tutorial_shows_what_tuning_moves(at_the_end: Path) -> None:
    text = (at_the_end / "template.yaml").read_text()
    for line in ("Timeout: 120 # shipping", "VisibilityTimeout: 721", "Threshold: 3600 # shipping"):
        assert line in text
    environments = [words for words in commands(TUTORIAL) if "ENV" in variables(words)]
    for words in environments:
        assert (at_the_end / "config" / f"{variables(words)['ENV']}.json").exists()


def test_the_stack_that_watches_an_account_is_good(tmp_path: Path) -> None:
    page = (ROOT / "docs/how-to/watch-an-account.md").read_text()
    (text,) = (block for _, language, block in FENCED.findall(page) if language == "yaml")
    file = tmp_path / "account-alarms.yaml"
    file.write_text(text)
    assert linted(text, "eu-west-1") == ""
    assert check(file) == []
