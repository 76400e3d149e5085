"""Services in folders of one repository: each checks itself, none stands in another's way."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from golden_path.document import Document

from tests.conftest import Render
from tests.installed import install, keep_apart
from tests.pythons import newest
from tests.test_answer_sets import GOLDEN_PATH
from tests.test_workflows import jobs, roles, subjects
from tests.updates.living import GIT, begin, commit, edit, run

ALPHA, BETA = "services/alpha", "services/in/beta"
ANSWERS: dict[str, dict[str, Any]] = {
    folder: {
        "folder": folder,
        "service_name": folder.rpartition("/")[2],
        "functions": {"worker": "sqs"},
        "environments": ["dev", "prod"],
        "delivery": "github_actions",
    }
    for folder in (ALPHA, BETA)
}
INSTALL_HOOK = ("sh", "tools/commit-hook.sh", "install")

Done = subprocess.CompletedProcess[str]


@pytest.fixture
def repository(render: Render, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with both services, as it is cloned: nothing is set up."""
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "pre-commit"))
    top = tmp_path / "repository"
    for folder, answers in ANSWERS.items():
        shutil.copytree(render(**answers), top / folder)
        (top / folder / ".tools").mkdir()
    (top / "README.md").write_text("Of all teams.\n")
    begin(top)
    for folder in ANSWERS:
        said = make(top / folder, "workflows").stdout
        name = folder.rpartition("/")[2]
        assert said.startswith(f"Next: commit {name}-check.yml and {name}-deliver.yml in .github/")
    commit(top)
    return top


def set_up(service: Path, runtime: str) -> None:
    """Install what its checks need."""
    minor, python = newest()
    (service / ".tools").rmdir()
    install(service, f"on-{minor}/{runtime}", python, (GOLDEN_PATH,))
    keep_apart(service)


def done(*words: str, cwd: Path) -> Done:
    return subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False)


def make(service: Path, goal: str) -> Done:
    return done("make", "--no-print-directory", goal, f"PYTHON={newest()[1]}", cwd=service)


def committed(top: Path, *paths: str) -> Done:
    """Commit what has changed in some paths, as a person would, by the hooks."""
    run("git", "reset", "--quiet", cwd=top)
    run("git", "add", *paths, cwd=top)
    return done(*GIT, "commit", "--quiet", "--message", "change", cwd=top)


def refusal(done: Done) -> str:
    """The sentence with which it refuses."""
    assert done.returncode != 0
    return done.stderr.splitlines()[0]


def test_a_defect_is_found_in_its_service_and_blocks_nobody_else(repository: Path) -> None:
    # given a service with hooks, beside another
    alpha = repository / ALPHA
    set_up(alpha, f"python{newest()[0]}")
    assert make(alpha, "hooks").returncode == 0
    edit(alpha / "template.yaml", "VisibilityTimeout: 361", "VisibilityTimeout: 60")
    handler = alpha / "src/service/handlers/worker.py"
    handler.write_text(f"import os\n{handler.read_text()}")
    # then its checks find what is wrong in it
    assert "GP301" in make(alpha, "rules").stdout
    checked = make(alpha, "ci")
    assert "hook id: ruff-check" in checked.stdout
    assert "no files to check" not in checked.stdout
    handler.write_text(f"import os\n{handler.read_text()}")  # ruff has mended it
    found = committed(repository, ALPHA)
    assert found.returncode != 0
    assert "GP301" in found.stderr
    assert "hook id: ruff-check" in found.stderr
    # and others commit beside it
    for other in ("README.md", f"{BETA}/README.md"):
        (repository / other).write_text("Of another team.\n")
        passed = committed(repository, other)
        assert passed.returncode == 0, passed.stderr
    assert passed.stderr == f"Not checked in this clone: {BETA} (make -C {BETA} hooks).\n"
    # and a check that finds no code fails
    (repository / ".gitignore").write_text("*.py\n")
    assert refusal(make(alpha, "lint-code")).startswith("Let ruff look at the code")


@pytest.mark.parametrize("managed", [False, True], ids=["git", "core.hooksPath"])
def test_a_hook_of_others_stays_as_it_is(repository: Path, managed: bool) -> None:
    alpha, hook = repository / ALPHA, repository / ".git/hooks/pre-commit"
    if managed:
        hook = repository / ".husky/pre-commit"
        hook.parent.mkdir()
        run("git", "config", "core.hooksPath", str(hook.parent), cwd=repository)
        assert refusal(done(*INSTALL_HOOK, cwd=alpha)).startswith("Let ")
        assert not hook.exists()
    hook.write_text("#!/bin/sh\n")
    sentence = refusal(done(*INSTALL_HOOK, cwd=alpha))
    call = f"sh {ALPHA}/tools/commit-hook.sh"
    assert f"/pre-commit run: {call} (it is not of the golden path" in sentence
    assert hook.read_text() == "#!/bin/sh\n"
    # once that is done, nothing is left to do
    hook.write_text(f"#!/bin/sh\n{call}\n")
    run(*INSTALL_HOOK, cwd=alpha)
    assert hook.read_text() == f"#!/bin/sh\n{call}\n"


def test_hooks_of_pre_commit_for_the_whole_repository_go_on(repository: Path) -> None:
    hook = repository / ".git/hooks/pre-commit"
    ours = (repository / ALPHA / "tools/commit-hook.sh").read_text()
    written = "# File generated by pre-commit: https://pre-commit.com\nARGS=(--config={}.yaml -x)\n"
    (repository / ".pre-commit-config.yaml").write_text("repos: []\n")
    theirs = written.format(".pre-commit-config")
    hook.write_text(theirs)
    run(*INSTALL_HOOK, cwd=repository / ALPHA)
    assert hook.read_text() == theirs
    # which runs first what is called so
    legacy = hook.with_name("pre-commit.legacy")
    assert legacy.read_text() == ours
    assert os.access(legacy, os.X_OK)
    # but not one of a service alone, nor one whose configuration is gone: that stops every commit
    for config in (f"{ALPHA}/.pre-commit-config", "gone"):
        hook.write_text(written.format(config))
        run(*INSTALL_HOOK, cwd=repository / ALPHA)
        assert hook.read_text() == ours


def test_a_service_in_another_place_than_its_answer_is_told(
    repository: Path, default_service: Path, tmp_path: Path
) -> None:
    run(*INSTALL_HOOK, cwd=repository / ALPHA)
    (repository / ALPHA / ".tools/.hooks").touch()
    run("git", "mv", ALPHA, "moved", cwd=repository)
    shutil.copytree(default_service, repository / "services/old")
    for place in ("moved", "services/old"):
        sentence = refusal(make(repository / place, "placed"))
        assert sentence == (
            "Answer the folder of its repository where the service lies: "
            f"make answer SET=\"folder: '{place}'\""
        )
    # as is a path that is no answer, and a repository that is none
    shutil.copytree(default_service, repository / "old.d/a service")
    sentence = refusal(make(repository / "old.d/a service", "placed"))
    assert sentence.startswith("Move the service to a path like services/orders, in letters, ")
    assert sentence.endswith("no pattern can match old.d/a service")
    shutil.copytree(repository / "moved", tmp_path / "alone")
    sentence = refusal(make(tmp_path / "alone", "placed"))
    assert sentence.startswith(
        f"Put the repository under git (git init -b main) in whose folder {ALPHA}"
    )
    assert refusal(make(repository / "moved", "workflows")).startswith("Answer the folder")
    assert "then run make -C moved placed: " in refusal(committed(repository, "."))
    # but a folder that the repository ignores, as one to try things in, is none of it
    run("git", "reset", "--quiet", cwd=repository)
    (repository / ".gitignore").write_text("/services/old\n")
    assert make(repository / "services/old", "placed").returncode == 0
    assert refusal(make(repository / "services/old", "followed")).startswith("Let git follow")
    assert make(repository / BETA, "followed").returncode == 0


def test_the_copies_of_workflows_are_compared(repository: Path) -> None:
    alpha = repository / ALPHA
    names = {f"{name}-{kind}.yml" for name in ("alpha", "beta") for kind in ("check", "deliver")}
    copies = repository / ".github/workflows"
    assert {path.name for path in copies.iterdir()} == names
    assert make(alpha, "copied").returncode == 0
    for spoil in (lambda path: path.write_text("on: push\n"), Path.unlink):
        spoil(copies / "alpha-deliver.yml")
        sentence = refusal(make(alpha, "copied"))
        assert sentence.startswith("Run make workflows, and commit .github/workflows/alpha-deliver")
    for goal in ("lint", "rules", "ci"):
        planned = done("make", "--dry-run", "--always-make", goal, cwd=alpha).stdout
        assert "git rev-parse --show-prefix" in planned, goal
        assert "cmp -s" in planned, goal


def test_no_job_of_a_service_becomes_a_role_of_another(render: Render) -> None:
    trusted, places, runs = [], [], []
    for folder, answers in ANSWERS.items():
        service = render(**answers)
        resources = Document.read(service / "pipeline/account.yaml").data["Resources"]
        deliver = jobs(service)
        places.append({job["environment"] for job in deliver.values() if "environment" in job})
        trusted.append(
            {
                subject.replace("${Environment}", environment)
                for role in ("ActionRole", "TestRole", "ReviewRole")
                for subject in subjects(resources[role]["Properties"]["AssumeRolePolicyDocument"])
                for environment in answers["environments"]
            }
        )
        assert {f"repo:${{Repository}}:environment:{place}" for place in places[-1]} < trusted[-1]
        assert all(
            role.startswith(answers["service_name"])
            for job in deliver.values()
            for role in roles(job)
        )
        for name in ("check", "deliver"):
            text = (service / f".github/workflows/{name}.yml").read_text()
            workflow = yaml.safe_load(text)
            runs.append(workflow["concurrency"]["group"])
            assert workflow["defaults"]["run"]["working-directory"] == folder
            # a step that is no command of the shell looks from the root
            assert text.count(" .build") == 0
    assert not places[0] & places[1]
    assert not trusted[0] & trusted[1]
    assert len(set(runs)) == len(runs)


def test_a_pipeline_starts_and_builds_where_the_service_lies(
    render: Render, tmp_path: Path
) -> None:
    top = tmp_path / "source"
    shutil.copytree(render(**ANSWERS[ALPHA] | {"delivery": "codepipeline"}), top / ALPHA)
    template = Document.read(top / ALPHA / "pipeline/pipeline.yaml").data["Resources"]
    (trigger,) = template["Pipeline"]["Properties"]["Triggers"]
    (push,) = trigger["GitConfiguration"]["Push"]
    assert push["FilePaths"] == {
        "Includes": [f"{ALPHA}/**"],
        "Excludes": [f"{ALPHA}/docs/**", f"{ALPHA}/README.md"],
    }
    commands = tmp_path / "bin"
    commands.mkdir()
    (commands / "make").write_text('#!/bin/sh\ntest -f Makefile && echo "$1" >> .made\n')
    (commands / "make").chmod(0o755)
    projects = [one for one in template.values() if one["Type"] == "AWS::CodeBuild::Project"]
    named = {project["Properties"]["Source"]["BuildSpec"] for project in projects}
    assert named == {
        f"{ALPHA}/pipeline/{name}.yml" for name in ("build", "test", "smoke", "summary")
    }
    for name in sorted(named):
        spec = yaml.safe_load((top / name).read_text())
        first = spec["phases"]["build"]["commands"][:2]
        path = f"{commands}:{os.environ['PATH']}"
        subprocess.run(["bash", "-euc", "\n".join(first)], cwd=top, env={"PATH": path}, check=True)
        if artifacts := spec.get("artifacts"):
            assert artifacts["base-directory"] == f"{ALPHA}/.build/delivery"
    assert (top / ALPHA / ".made").read_text().split() == ["ci", *["setup"] * 3]
    followed = run("git", "ls-files", cwd=top).splitlines()
    assert f"{ALPHA}/template.yaml" in followed
