"""Keys by choice: the service's own encrypts all that it keeps, and replaces none of it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
from golden_path.check import check_service
from golden_path.template import load

from tests.conftest import ROOT, Render, one_of_each_kind

KEYED = yaml.safe_load((ROOT / "template/keys.yml").read_text())
MORE = {
    "listener": {"archive_days": 7},
    "chat": {"access_log": True},
    "catalog": {"access_log": True},
}
Resources = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def services(render: Render) -> tuple[Path, Path]:
    """All kinds of what is kept: by AWS's keys, and by the service's own."""
    functions = {name: entry | MORE.get(name, {}) for name, entry in one_of_each_kind().items()}
    answers = {"functions": functions, "secrets": {"api-key": {"level": "high", "rotate": 30}}}
    return render(**answers), render(**answers, encryption="own")


def resources(service: Path) -> Resources:
    return dict(load(service / "template.yaml").resources)


@cache
def fixed(type_: str) -> set[str]:
    """The properties of a type of which a change makes CloudFormation replace the resource."""
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("eu-west-1", type_).schema
    names = ("createOnlyProperties", "conditionalCreateOnlyProperties")
    return {path.split("/")[2] for name in names for path in schema.get(name, [])}


def changed(before: Resources, after: Resources) -> Iterator[tuple[str, str]]:
    """Each property that is another, with its type; what is no property is not to change at all."""
    for id_, body in before.items():
        now = after[id_]
        assert body | {"Properties": None} == now | {"Properties": None}, f"{id_} is another"
        old, new = body.get("Properties", {}), now.get("Properties", {})
        yield from ((body["Type"], name) for name in old | new if old.get(name) != new.get(name))


def test_switching_the_key_on_replaces_nothing(services: tuple[Path, Path]) -> None:
    before, after = map(resources, services)
    assert after.keys() - before.keys() == {"DataKey"}
    found = set(changed(before, after))
    assert {type_ for type_, _ in found} == set(KEYED)
    assert [one for one in found if one[1] in fixed(one[0])] == []


def test_all_that_is_kept_bears_the_key(services: tuple[Path, Path]) -> None:
    for id_, body in resources(services[1]).items():
        if body["Type"] in KEYED and id_ != "AlarmTopic":  # CloudWatch has a key of its own there
            assert "'DataKey" in str(body["Properties"]), f"{id_} is encrypted by another key"
    assert check_service(services[1]) == []


def test_by_default_there_is_no_key_of_ones_own(services: tuple[Path, Path]) -> None:
    for file in ("template.yaml", "pipeline/account.yaml", "README.md"):
        own = (services[1] / file).read_text()
        assert (services[0] / file).read_text() != own, f"the key leaves no trace in {file}"
    assert "  DataKey:" not in (services[0] / "template.yaml").read_text()
