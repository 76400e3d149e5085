"""What the tests share: a copy of the template with a version, and services rendered from it."""

import os
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path
from typing import Any

import copier
import pytest
import yaml
from xdist.scheduler import LoadFileScheduling

from docs.written.facts import kind as facts_of
from docs.written.facts import kind_names
from tests.installed import install
from tests.pythons import newest
from tests.swift import in_processes, swift
from tests.swift.shared import SHARED
from tests.swift.standing import standing

ROOT = Path(__file__).parent.parent
ANSWERS = ROOT / "tests" / "answers"
EVERY_KIND = "every-kind"
"""The answer set that has a function of each kind there is."""

Render = Callable[..., Path]
SetUp = Callable[..., Path]

FIGURES = ("run", "edits", "conflicts", "edited lines lost", "edits on a wrong resource")
"""What tests of updates count, by `record_property`."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--updates", choices=["pairs", "all"], default="pairs", help="how many")
    parser.addoption("--all-rows", action="store_true", help="also those that are like others")


def pytest_configure() -> None:
    """Find a Python once: the processes that share the tests find the same, and do not search."""
    newest()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what `make test-all` alone runs, and begin with the files that take longest.

    The processes that share them end together.
    """
    if not config.option.all_rows:
        left_out = [item for item in items if item.get_closest_marker("all_rows")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]
    first = (
        *("test_emulator.py", "test_services.py", "test_answer_sets.py", "runtime", "emulator"),
        *("updates", "test_render.py"),
    )
    items.sort(key=lambda item: [name not in item.path.parts for name in first])


class Files(LoadFileScheduling):
    """A file goes to one process, and so do all that look at the service with all kinds.

    That is deployed once for them then.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = str(super()._split_scope(nodeid))
        return "deployed" if _looks_at_all_kinds(file) else file


@cache
def _looks_at_all_kinds(file: str) -> bool:
    return bool(re.search(r"\bdeployed: Service\b", (ROOT / file).read_text(encoding="utf-8")))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Files:
    """Share the tests among processes."""
    return Files(config, log)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say how large the matrix of updates was, and what came of it."""
    reports = terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
    figures = Counter[str]()
    for report in reports:
        if report.when == "call":
            figures.update(dict(one for one in report.user_properties if one[0] in FIGURES))
    if figures:
        told = ", ".join(f"{figures[figure]} {figure}" for figure in FIGURES)
        terminalreporter.write_line(f"Updates: {told}")


@pytest.fixture(scope="session", autouse=True)
def _swift(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let Copier be swift in this process, which shares with the others what it has made."""
    folder = tmp_path_factory.getbasetemp()
    shared = (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "shared"
    shared.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch, swift():
        patch.setenv(SHARED, str(shared.resolve()))
        yield


@pytest.fixture(scope="session")
def in_swift_processes() -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """Have one Copier stand ready for all commands that this process of the tests starts."""
    with standing():
        yield in_processes


@pytest.fixture(scope="module")
def swift_copier(
    in_swift_processes: Callable[[], AbstractContextManager[None]],
) -> Iterator[None]:
    """Let it be swift in the processes that a test starts, too."""
    with in_swift_processes():
        yield


@pytest.fixture(scope="session")
def copier_template_paths() -> list[str]:
    """Tell pytest-copier what the template is: it makes a git repository of it, with a tag."""
    return ["copier.yml", "template", "hooks", "pyproject.toml", ".pre-commit-hooks.yaml"]


@pytest.fixture(name="copier")
def _copier(copier: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """pytest-copier's, in an empty folder: this repository's own files would be in the way."""
    monkeypatch.chdir(tmp_path)
    return copier


@pytest.fixture(scope="session")
def render(copier_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Render a service as `copier copy` does without --trust; return its folder.

    Equal answers are rendered once: a test that changes the service copies it first.
    """
    rendered: dict[str, Path] = {}

    def answered(**answers: Any) -> Path:
        key = yaml.safe_dump(answers, sort_keys=True)
        if key not in rendered:
            folder = tmp_path_factory.mktemp("service") / "service"
            source = str(copier_template)
            copier.run_copy(source, folder, data=answers, defaults=True, quiet=True, unsafe=False)
            rendered[key] = folder
        return rendered[key]

    return answered


@pytest.fixture(scope="session")
def set_up(render: Render) -> SetUp:
    """Copy a rendered service into a folder and set it up with its own `make`.

    Without another answer its language is Python.
    """
    minor, python = newest()

    def installed(folder: Path, *goals: str, **answers: Any) -> Path:
        answers = {"runtime": f"python{minor}"} | answers
        service = folder / "service"
        shutil.copytree(render(**answers), service)
        install(service, f"on-{minor}/{answers['runtime']}", python, goals)
        return service

    return installed


@pytest.fixture(scope="session")
def default_service(render: Render) -> Path:
    return render()


@pytest.fixture
def own_copy(tmp_path: Path) -> Callable[[Path], Path]:
    """Copy a rendered service, to change it."""
    return lambda service: Path(shutil.copytree(service, tmp_path / "own", symlinks=True))


def named_answers() -> dict[str, dict[str, Any]]:
    """Return the answer sets of tests/answers by name, and one that the kinds' folders make."""
    named = {path.stem: yaml.safe_load(path.read_text()) for path in sorted(ANSWERS.glob("*.yml"))}
    return named | {EVERY_KIND: {"functions": one_of_each_kind()}}


def one_of_each_kind() -> dict[str, Any]:
    """Return a function of each kind, whose failures a test sees soon."""
    return {
        facts["default_name"]: {"trigger": kind} | facts["testing"].get("quick", {})
        for kind in kind_names()
        for facts in [facts_of(kind)]
    }


def others_of_each_kind(runtime: str = "python") -> dict[str, Any]:
    """Return the functions with other settings that the folders of kinds name for tests.

    Those that stream are of Node.js alone.
    """
    return {
        name: {"trigger": kind} | given
        for kind in kind_names()
        for name, given in facts_of(kind)["testing"].get("also", {}).items()
        if runtime.startswith("nodejs") or "streaming" not in given
    }


def settings(entry: Any) -> dict[str, Any]:
    """Return the settings of a function as it is answered: some are but a kind."""
    return entry if isinstance(entry, dict) else {"trigger": entry}


def everything() -> dict[str, Any]:
    """Return the answer set with a secret of each level, and a function of each kind."""
    answers = named_answers()["secrets"]
    known = {settings(entry)["trigger"] for entry in answers["functions"].values()}
    others = {facts_of(kind)["default_name"]: kind for kind in kind_names() if kind not in known}
    return answers | {"functions": answers["functions"] | others}
