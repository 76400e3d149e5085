"""A service that is delivered by nothing of ours, or in one way alone, has no trace of the rest."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Render, named_answers

WAYS = ("codepipeline", "github_actions", "both", "none")
# Tools and their docstrings are the same for either pipeline.
WORDS = {
    "none": r"pipeline(?! of your own)|CodePipeline|GitHub|[wW]orkflow|bootstrap|make ci\b|approv",
    "codepipeline": r"GitHub Actions|token\.actions|`Deliver`|AWS_ACCOUNT_ID",
    "github_actions": r"CodePipeline|CodeBuild|pipeline\.yaml|make pipeline",
}
ALLOWED = re.compile(r"^delivery: |^_src_path: |https://github\.com/")


def files(service: Path) -> dict[str, str]:
    return {
        str(path.relative_to(service)): path.read_text()
        for path in sorted(service.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def services(render: Render) -> dict[str, dict[str, str]]:
    return {way: files(render(delivery=way)) for way in WAYS}


def test_none_has_no_file_of_delivery(services: dict[str, dict[str, str]]) -> None:
    only = services["both"].keys() - services["none"].keys()
    assert {name.split("/")[0] for name in only} == {".github", "pipeline", "tools"}
    assert services["none"].keys() < services["both"].keys()


@pytest.mark.parametrize("way", WORDS)
def test_no_line_tells_of_another_way(services: dict[str, dict[str, str]], way: str) -> None:
    told = [
        f"{name}: {line}"
        for name, text in services[way].items()
        if way == "none" or not name.startswith("tools/")
        for line in text.splitlines()
        if re.search(WORDS[way], line) and not ALLOWED.search(line)
    ]
    assert told == []


def test_both_has_the_files_of_either(services: dict[str, dict[str, str]]) -> None:
    either = services["codepipeline"].keys() | services["github_actions"].keys()
    assert services["both"].keys() == either
    assert services["codepipeline"].keys() != services["github_actions"].keys()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ["default", "secrets", "stateless", "hostile"])
def test_no_way_leaves_stray_blank_lines(render: Render, way: str, name: str) -> None:
    answers: dict[str, Any] = named_answers()[name]
    for file, text in files(render(**answers | {"delivery": way})).items():
        if file.endswith((".yml", ".yaml", ".md", "Makefile")):
            assert "\n\n\n" not in text, file
            assert not text.startswith("\n"), file
            assert text.endswith("\n"), file
            assert not text.endswith("\n\n"), file
            assert not re.search(r"[ \t]\n", text), file
