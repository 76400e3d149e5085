"""What `make bootstrap` and the review on GitHub see there, before AWS trusts it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Render
from tests.github import GitHub

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]


@pytest.fixture
def github(tmp_path: Path) -> GitHub:
    return GitHub(tmp_path, "example/items")


@pytest.fixture
def run(render: Render, tmp_path: Path) -> Run:
    """Run the service's tool, with an answer to `repository` and with the stand-in for `gh`."""

    def running(
        *words: str, repository: str = "example/items", path: str = "", folder: str = ""
    ) -> Done:
        service = render(delivery="github_actions", repository=repository, folder=folder)
        own = {
            "PATH": path or f"{tmp_path}:{os.environ['PATH']}",
            "GITHUB_REPOSITORY": "example/items",
            "PYTHONDONTWRITEBYTECODE": "1",  # the render is what other tests read too
        }
        return subprocess.run(
            [sys.executable, "tools/github.py", *words],
            cwd=service,
            env=own,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    return running


def refused(done: Done) -> str:
    """The one sentence with which it refuses."""
    assert done.returncode == 1
    (sentence,) = done.stderr.splitlines()
    return sentence


def test_a_repository_with_numbers_is_told_the_answer(github: GitHub, run: Run) -> None:
    github.name_by_numbers(True)
    sentence = refused(run("bootstrap", "dev"))
    assert sentence.startswith("Answer `repository` as GitHub's tokens have it")
    assert sentence.endswith(" SET='repository: example@12/items@345'")
    # and an answer with numbers where the tokens have none is refused too
    github.name_by_numbers(False)
    sentence = refused(run("bootstrap", "dev", repository="example@12/items@345"))
    assert sentence.endswith(" SET='repository: example/items'")


def test_the_numbers_of_another_repository_are_refused(github: GitHub, run: Run) -> None:
    github.name_by_numbers(True)
    sentence = refused(run("bootstrap", "dev", repository="example@12/items@344"))
    assert sentence.endswith(" SET='repository: example@12/items@345'")
    github.have("dev", "main")
    assert run("bootstrap", "dev", repository="example@12/items@345").returncode == 0


@pytest.mark.parametrize("branches", [(), ("main", "feature/*"), ("release",)], ids=str)
def test_an_environment_for_other_branches_is_refused(
    github: GitHub, run: Run, branches: tuple[str, ...]
) -> None:
    github.have("dev", *branches)
    sentence = refused(run("bootstrap", "dev", "--yes"))
    assert sentence.startswith("Let the branch main alone deploy to the environment dev")


def test_an_environment_that_is_missing_is_made_for_the_branch(github: GitHub, run: Run) -> None:
    done = run("bootstrap", "prod")
    assert refused(done) == "Add YES=1: there is no terminal to ask on. Nothing is done."
    done = run("bootstrap", "prod", "--yes")
    assert done.returncode == 0, done.stderr
    assert [github.branches(place) for place in ("prod", "prod-review")] == [["main"], ["main"]]


def test_in_a_folder_environments_bear_the_name_of_the_service(github: GitHub, run: Run) -> None:
    done = run("bootstrap", "prod", "--yes", folder="services/items")
    assert done.returncode == 0, done.stderr
    places = [f"items-service-{place}" for place in ("prod", "prod-review", "dev", "staging")]
    assert [github.branches(place) for place in places[:2]] == [["main"], ["main"]]
    for place in places:
        github.have(place, "main")
    sentence = refused(run("review", folder="services/items"))
    assert sentence.startswith("Give the environment items-service-prod required reviewers")
    github.have("items-service-prod", "main", rules=["required_reviewers"])
    assert run("review", folder="services/items").returncode == 0


def test_without_gh_it_says_that_nobody_has_looked(run: Run, tmp_path: Path) -> None:
    done = run("bootstrap", "dev", path=str(tmp_path / "nothing"))
    assert done.returncode == 0
    assert done.stdout.startswith("GitHub was not asked (gh is not installed): see that ")


def test_a_review_is_refused_where_a_branch_could_become_dev(github: GitHub, run: Run) -> None:
    for place in ("staging", "prod-review"):
        github.have(place, "main")
    github.have("prod", "main", rules=["required_reviewers"])
    github.have("dev")
    sentence = refused(run("review"))
    assert sentence.startswith("Let the branch main alone deploy to the environment dev")
    github.have("dev", "main")
    assert run("review").returncode == 0
    # and where GitHub does not answer, nobody has looked
    github.write({})
    assert refused(run("review")).endswith("gh: Not Found (HTTP 404)")


def test_a_review_is_refused_where_nobody_approves(github: GitHub, run: Run) -> None:
    for place in ("dev", "staging", "prod-review", "prod"):
        github.have(place, "main", rules=["branch_policy"])
    assert refused(run("review")).startswith("Give the environment prod required reviewers")
