"""The most that answers allow, released by the roles of delivery: names, functions, secrets."""

from __future__ import annotations

import re
from typing import Any

import pytest
from copier.errors import UserMessageError

from docs.written.facts import kind_names
from tests.conftest import Render, SetUp
from tests.emulator.both_ways import REPOSITORY, SERVICE, STACK, both_ways
from tests.emulator.delivery import ARCHITECTURE
from tests.emulator.secret_samples import SECRET_SAMPLES

TOOLS = (".tools/sam/.ready", ".tools/emulator/.ready")
SECRETS: dict[str, Any] = {
    "a-secret-of-level-low-that-is-32": "low",
    "a-secret-of-level-medium-of-32-c": "medium",
    "a-secret-of-level-high-rotated-3": {"level": "high", "rotate": 30},
}
KINDS = kind_names()


def answers(count: int) -> dict[str, Any]:
    """Answers with so many functions, each with a name of 32 characters and all secrets."""
    functions = {
        f"a-function-name-of-32-letters-{number:02}": {
            "trigger": KINDS[number % len(KINDS)],
            "secrets": list(SECRETS),
        }
        for number in range(1, count)
    }
    return {
        "architecture": ARCHITECTURE,
        "delivery": "both",
        "environments": ["dev", "staging", "prod"],
        "functions": {"items": "http_api"} | functions,
        "repository": REPOSITORY,
        "secrets": SECRETS,
        "service_name": SERVICE,
    }


@pytest.mark.all_rows
def test_the_most_is_delivered_twice(
    render: Render, set_up: SetUp, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with pytest.raises(UserMessageError, match="Name at most") as refused:
        render(**answers(99))
    most = int(re.search(r"at most (\d+)", str(refused.value))[1])
    folder = set_up(tmp_path_factory.mktemp("largest"), *TOOLS, **answers(most))
    for config in folder.glob("config/*.json"):
        config.write_text(config.read_text().replace("change-me", "written"))
    with both_ways(folder, tmp_path_factory.mktemp("runs")) as stack:
        stack.prepare()
        samples = SECRET_SAMPLES["python"]
        for rotation in (folder / "src/service/handlers").glob("rotate_*.py"):
            stack.service.edit(str(rotation.relative_to(folder)), *samples.unwritten)
        medium = next(name for name, level in SECRETS.items() if level == "medium")
        stack.service.client("ssm").put_parameter(
            Name=f"/{SERVICE}/dev/{medium}", Value="0", Type="SecureString"
        )
        for release in ("first", "second"):
            stack.write(release)
            done = stack.by_the_workflow(release)
            assert done.returncode == 0, done.stdout + done.stderr
        names = stack.resources()
    assert len([id_ for id_ in names if id_.endswith("Function")]) >= most
    cut = [id_ for id_, name in names.items() if name.startswith(f"{STACK[:25]}-")]
    assert len(cut) > most, "names are not cut"
