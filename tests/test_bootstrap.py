"""`make bootstrap` and `make pipeline` refuse what the answers leave open, before they ask AWS."""

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from golden_path.document import Document

from tests.conftest import Render
from tests.tooling import tool_of

DEV, PROD = "111122223333", "444455556666"
ANSWERED = "Name tools in `accounts`: the environments are in several accounts"


def run(service: Path, *words: str) -> str:
    """Run a tool without credentials, and return the one sentence with which it refuses."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    nobody = own | {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "PYTHONDONTWRITEBYTECODE": "1",  # the render is what other tests read too
    }
    done = subprocess.run(
        [sys.executable, *words],
        cwd=service,
        env=nobody,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    (sentence,) = done.stderr.splitlines()
    return sentence


@pytest.mark.parametrize("tool", ["bootstrap", "pipeline"])
def test_environments_in_several_accounts_need_one_of_the_pipeline(
    render: Render, tool: str
) -> None:
    service = render(repository="example/orders", accounts={"dev": DEV, "prod": PROD})
    words = ("dev",) if tool == "bootstrap" else ()
    assert run(service, f"tools/{tool}.py", *words).startswith(ANSWERED)


def test_github_alone_needs_no_account_of_a_pipeline(render: Render) -> None:
    service = render(
        delivery="github_actions",
        repository="example/orders",
        accounts={"dev": DEV, "prod": PROD},
    )
    sentence = run(service, "tools/bootstrap.py", "prod")
    assert sentence.startswith(f"Log in to {PROD}, for prod: ")


def test_an_environment_without_an_account_is_where_the_pipeline_is(render: Render) -> None:
    service = render(accounts={"dev": DEV, "tools": PROD})
    assert run(service, "tools/bootstrap.py", "staging").startswith(
        f"Log in to {PROD}, for staging"
    )
    service = render(accounts={"dev": DEV})
    assert run(service, "tools/bootstrap.py", "staging").startswith(f"Log in to {DEV}, for staging")


def test_an_unknown_environment_is_refused(render: Render) -> None:
    sentence = run(render(), "tools/bootstrap.py", "qa")
    assert sentence == "Use ENV=dev or ENV=staging or ENV=prod: there is no environment 'qa'."


def test_a_pipeline_without_a_repository_is_refused(render: Render) -> None:
    assert run(render(), "tools/pipeline.py").startswith("Name the repository by the answer")


@pytest.mark.parametrize("asks", [True, False])
def test_production_within_reach_is_told_each_time_and_asked_of_when_it_is_new(
    render: Render,
    asks: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    # given
    service, asked = render(delivery="github_actions", repository="example/orders"), []
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.syspath_prepend(str(service / "tools"))
    tool = import_module("bootstrap")

    class Stack:
        name, is_new = "items-service-dev-delivery", asks

        def __init__(self, *_: Any) -> None:
            pass

        def deploy(self, *_: Any, **__: bool) -> None:
            pass

    monkeypatch.setattr(sys, "argv", ["bootstrap.py", "dev"])
    monkeypatch.setattr(tool, "DeliveryStack", Stack)
    monkeypatch.setattr(tool, "_require", lambda *_: None)
    monkeypatch.setattr(tool, "confirm", asked.append)
    identity = {"Account": DEV, "Arn": f"arn:aws:iam::{DEV}:user/somebody"}
    monkeypatch.setattr(tool, "caller", lambda *_: identity)
    # when
    tool.main()
    # then
    assert "a release to dev or staging, which nobody approves" in capsys.readouterr().out
    assert asked == (["Is that as it should be?"] if asks else [])


def test_a_template_that_is_too_long_is_sent_without_its_comments(
    render: Render, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = tool_of(render(), "delivery_stack")
    text = (render() / "pipeline/account.yaml").read_text()
    assert tool.body(text) == text
    monkeypatch.setattr(tool, "LONGEST", len(text.encode()) - 1)
    sent = tool.body(text)
    assert Document("sent", sent).data == Document("written", text).data
    assert len(sent) < 3 / 4 * len(text)
