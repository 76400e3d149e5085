"""The facts about AWS that rules lean on agree with the copies that other packages carry."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER
from golden_path.document import Document
from golden_path.kinds import MAPPING
from golden_path.rules.data import (
    DEAD_LETTERS,
    INVOCATIONS,
    NO_STREAMS,
    QUEUE_POLICIES,
    SEND_ACTIONS,
    SENDERS,
    SHIFTS,
    STATEFUL,
)
from golden_path.rules.execution import NEEDED
from golden_path.rules.permissions import reviewed as reviewed_wildcards
from golden_path.stack import Stack, matches
from golden_path.template import parse
from samtranslator.model.preferences.deployment_preference_collection import (
    CODEDEPLOY_PREDEFINED_CONFIGURATIONS_LIST,
)

from tests.rules.service import Service

POLICIES = files("cfnlint.data") / "AdditionalSpecs" / "Policies.json"


@pytest.fixture(scope="module")
def services() -> dict:
    """IAM's services with their actions, from AWS's own reference."""
    return json.loads(POLICIES.read_text("utf-8"))


@pytest.mark.parametrize("kind", NEEDED)
def test_what_a_resource_needs_is_what_cloudformation_says(kind: str) -> None:
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    said = {action for one in schema["handlers"].values() for action in one["permissions"]}
    needed = {name: actions for name, actions in NEEDED[kind].items() if name != "passes"}
    assert {action for actions in needed.values() for action in actions} <= said
    assert needed.keys() - {"always"} <= schema["properties"].keys()
    assert "passes" not in NEEDED[kind] or "iam:PassRole" in said


@pytest.mark.parametrize("reviewed", reviewed_wildcards(), ids=lambda row: " ".join(row[:2]))
def test_a_reviewed_wildcard_is_needed(
    reviewed: tuple[str, str, frozenset[str]], delivered: Service, with_callers: Service
) -> None:
    pattern, key, actions = reviewed
    accounts = (delivered.account, with_callers.account)
    used = {
        action
        for account in accounts
        for statement in Stack(parse(Document("account.yaml", account))).statements
        if key in str(statement.body.get("Condition"))
        and any("*" in name and matches(pattern, name) for name in statement.resources)
        for action in statement.actions
    }
    assert actions <= used, "take them from REVIEWED_WILDCARDS or the kind's `wildcards`"


def test_the_deployment_types_are_those_that_sam_knows() -> None:
    assert set(SHIFTS) == set(CODEDEPLOY_PREDEFINED_CONFIGURATIONS_LIST)


@pytest.mark.parametrize("action", sorted(set(SEND_ACTIONS.values())))
def test_an_action_that_sends_exists_at_aws(action: str, services: dict) -> None:
    service, name = action.lower().split(":")
    assert services[service]["Actions"][name]["Resources"]


# Each place that rules read, and that no mutant may show to be there: type to property paths.
READ = [
    *((type_, path) for type_, paths in INVOCATIONS.items() for path in paths),
    *DEAD_LETTERS.items(),
    *((type_, (name,)) for type_, name in QUEUE_POLICIES.items()),
    *((type_, path) for type_, _, path, _ in SENDERS),
    *((type_, (source,)) for type_, _, _, source in SENDERS if source),
    *((MAPPING, (name,)) for name in NO_STREAMS),
]


@pytest.mark.parametrize("kind", sorted({*dict(READ), *SEND_ACTIONS, *STATEFUL}))
def test_a_property_that_rules_read_exists(kind: str) -> None:
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    paths = [path for type_, path in READ if type_ == kind]
    paths += [switch[0] for switch in STATEFUL.get(kind, ()) if switch]
    assert {path[0] for path in paths} <= schema["properties"].keys()
