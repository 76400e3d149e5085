"""Writes data of the rules: what managed policies of AWS allow, which actions know no resource.

The policies come from moto and the actions from cfn-lint, which carry AWS's own lists. `make facts`
runs it with the newest of both.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

HOOKS = Path(__file__).parents[1] / "hooks/golden_path"
# Of which rules ask whether a role may call them; of the others a policy's file would be ten times
# as long.
SERVICES = frozenset(
    (
        *("cloudwatch", "codedeploy", "dynamodb", "events", "execute-api", "firehose", "kinesis"),
        *("kms", "lambda", "logs", "s3", "secretsmanager", "sns", "sqs", "ssm", "states", "xray"),
    )
)


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _allowed(document: dict[str, Any]) -> Iterator[list[list[str]]]:
    """The actions and resources of each statement, as far as rules ask; conditions do not count."""
    for statement in _listed(document["Statement"]):
        actions = [
            action
            for action in _listed(statement.get("Action", []))
            if action == "*" or action.partition(":")[0] in SERVICES
        ]
        if statement["Effect"] == "Allow" and actions:
            yield [actions, _listed(statement.get("Resource", "*"))]


def policies() -> dict[str, list[list[list[str]]]]:
    """Each managed policy by the end of its ARN, `service-role/AWSLambdaBasicExecutionRole`."""
    published = json.loads(import_module("moto.iam.aws_managed_policies").aws_managed_policies_data)
    return {
        f"{policy['Path'].lstrip('/')}{name}": list(_allowed(policy["Document"]))
        for name, policy in published.items()
    }


def without_resource() -> dict[str, list[str]]:
    """By service the actions whose only resource is `*`."""
    reference = json.loads(
        (files("cfnlint.data") / "AdditionalSpecs" / "Policies.json").read_text("utf-8")
    )
    found = defaultdict[str, list[str]](list)
    for service, known in reference.items():
        for action, facts in known["Actions"].items():
            if not facts.get("Resources"):
                found[service].append(action)
    return found


def _write(name: str, rows: dict[str, Any]) -> None:
    """Write one row a line, so that a change is seen."""
    lines = (
        f"{json.dumps(key)}: {json.dumps(row, separators=(',', ':'))}"
        for key, row in sorted(rows.items())
    )
    (HOOKS / name).write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    _write("managed-policies.json", policies())
    _write("no-resource-level.json", without_resource())
