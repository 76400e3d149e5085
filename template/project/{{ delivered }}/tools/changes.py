"""Say what a change set would change: python tools/changes.py STACK REGION NAME

Whole on the screen, and in one line of the length that an approval can carry in
.build/delivery/summary.txt. What would take data away is said first, and loudly.
"""

import argparse
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from os.path import commonprefix
from typing import Any

import aws
import validations
from package import DELIVERY

EMPTY = re.compile("didn't contain changes|No updates are to be performed")  # says CloudFormation
NOTHING = "Nothing changes."
LIMIT = 1000  # characters of an action's configuration in CodePipeline, which takes no more
SHOWN = 100  # characters of a value
VERSION = "AWS::Lambda::Version"
RELEASE = "Release"  # the parameter that is another with every change, and stands in many places
STATEFUL = {
    "AWS::Backup::BackupVault",
    "AWS::Cognito::UserPool",
    "AWS::DocDB::DBCluster",
    "AWS::DynamoDB::GlobalTable",
    "AWS::DynamoDB::Table",
    "AWS::EFS::FileSystem",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::ElastiCache::ServerlessCache",
    "AWS::KMS::Key",
    "AWS::Kinesis::Stream",
    "AWS::MSK::Cluster",
    "AWS::Neptune::DBCluster",
    "AWS::OpenSearchService::Domain",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::Redshift::Cluster",
    "AWS::S3::Bucket",
    "AWS::SQS::Queue",
    "AWS::SSM::Parameter",
    "AWS::SecretsManager::Secret",
}
WORDS = ("removed", "replaced", "may be replaced", "changed", "added", "imported")
LOSING = WORDS[:3]
FATES = {
    "Delete": "it is deleted with what it holds",
    "Retain": "it stays behind with what it holds, and the service uses it no more",
    "RetainExceptOnCreate": "it stays behind with what it holds, and the service uses it no more",
    "Snapshot": "it is deleted, and a snapshot of what it holds is kept",
}

Record = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """What becomes of one resource."""

    word: str
    name: str
    type: str
    details: list[str]
    fate: str

    @property
    def shouted(self) -> bool:
        """Whether it may take data away."""
        return self.type in STATEFUL and self.word in LOSING


@dataclass(frozen=True)
class Changes:
    """What a change set would change. Versions of functions are told by their functions."""

    title: str
    changes: list[Change]
    parameters: list[str] = field(default_factory=list)
    versions: list[str] = field(default_factory=list)
    following: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)  # of CloudFormation, which has validated it

    def text(self) -> str:
        """Return all of it, in lines."""
        return "\n".join([self.title, *self._lines()])

    def _lines(self) -> Iterator[str]:
        if not (self.changes or self.parameters or self.following):
            yield f"  {NOTHING}"
        for change in filter(lambda change: change.shouted, self.changes):
            yield f"  !!! {change.name} ({change.type}) {_loudly(change)}: {change.fate}."
        yield from (f"  ! {warning}" for warning in self.warnings)
        for word, changes in self._by_word().items():
            yield f"  {word}"
            for change in changes:
                yield f"    {change.name} ({change.type})"
                yield from (f"      {detail}" for detail in change.details)
        for title, names in self._rest().items():
            yield f"  {title}: {', '.join(names)}"

    def line(self, limit: int = LIMIT) -> str:
        """Return one line of no more than `limit` characters; what is shouted comes first."""
        counts = [f"{len(changes)} {word}" for word, changes in self._by_word().items()]
        parts = [", ".join(counts) or NOTHING.removesuffix(".")]
        if loud := [change for change in self.changes if change.shouted]:
            parts.insert(0, f"!!! {', '.join(f'{one.name} {_loudly(one)}' for one in loud)}")
        if self.warnings:
            parts.append(f"! {'; '.join(self.warnings)}")
        for word, changes in self._by_word().items():
            parts.append(f"{word}: {'; '.join(_briefly(change) for change in changes)}")
        parts += [f"{title}: {', '.join(names)}" for title, names in self._rest().items()]
        whole = ". ".join(parts) + "."
        more = " ... more in the log"
        return whole if len(whole) <= limit else whole[: limit - len(more)] + more

    def _by_word(self) -> dict[str, list[Change]]:
        found = defaultdict(list)
        for change in self.changes:
            found[change.word].append(change)
        return {word: found[word] for word in WORDS if word in found}

    def _rest(self) -> dict[str, list[str]]:
        rest = {
            "parameters": self.parameters,
            "new versions": self.versions,
            "changed by what they refer to": self.following,
        }
        return {title: names for title, names in rest.items() if names}


def _loudly(change: Change) -> str:
    return f"{'' if change.word.startswith('may') else 'IS '}{change.word.upper()}"


def _briefly(change: Change) -> str:
    return f"{change.name} ({', '.join(change.details)})" if change.details else change.name


def of(session: Any, stack: str, name: str) -> Changes:
    """Read a change set, and both templates and parameters that it lies between."""
    cloudformation = session.client("cloudformation")
    pages = cloudformation.get_paginator("describe_change_set").paginate(
        StackName=stack, ChangeSetName=name
    )
    described: Record = {"Changes": []}
    for page in pages:
        described |= page | {"Changes": described["Changes"] + page["Changes"]}
    whole = {"ChangeSetName": described["ChangeSetId"]}  # its name alone is not known there
    if described["Status"] == "FAILED":
        if not EMPTY.search(described["StatusReason"]):
            reasons = validations.found(cloudformation, validations.FAILURE, **whole)
            because = [f"Make {name} again, it has failed: {described['StatusReason']}", *reasons]
            sys.exit("\n  ".join(because))
        return Changes(f"{stack}, change set {name}", [])
    found = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
    key, old = {"StackName": stack, "TemplateStage": "Processed"}, {}
    if found["StackStatus"] != "REVIEW_IN_PROGRESS":
        old = cloudformation.get_template(**key)["TemplateBody"]
    new = cloudformation.get_template(**key, ChangeSetName=name)["TemplateBody"]
    changes = between(described, old, new, found.get("Parameters", []))
    warnings = validations.found(cloudformation, validations.WARNING, **whole)
    return replace(changes, warnings=warnings)


def between(described: Record, old: Record, new: Record, parameters: list[Record]) -> Changes:
    """Say what a described change set changes of the old template and its parameters."""
    values = [
        {row["ParameterKey"]: row["ParameterValue"] for row in rows}
        for rows in (parameters, described.get("Parameters", []))
    ]
    before, after = _resources(old, values[0]), _resources(new, values[1])
    told = _parameters(*values) if old else {}
    changes, versions, following = [], [], []
    for row in (row["ResourceChange"] for row in described["Changes"] if "ResourceChange" in row):
        name = row["LogicalResourceId"]
        if row["ResourceType"] == VERSION:
            if row["Action"] == "Add":
                versions.append(new["Resources"][name]["Properties"]["FunctionName"]["Ref"])
            continue
        word = _word(row)
        details = []
        if row["Action"] == "Modify":
            details = [*_differences(before[name], after[name]), *_causes(row, told)]
        resource, policy = after.get(name, {}), "UpdateReplacePolicy"
        if word == "removed":
            resource, policy = before[name], "DeletionPolicy"
        fate = FATES[resource.get(policy, "Delete")]
        change = Change(word, name, row["ResourceType"], details, fate)
        if details or word not in ("changed", "may be replaced") or change.shouted:
            changes.append(change)
        else:
            following.append(name)
    title = f"{described['StackName']}, change set {described['ChangeSetName']}"
    lines = [f"{name}: {move}" for name, move in told.items()]
    return Changes(title, changes, lines, versions, following)


def _word(row: Record) -> str:
    if row["Action"] == "Modify":
        replaced = {"True": "replaced", "Conditional": "may be replaced"}
        return replaced.get(row.get("Replacement", "False"), "changed")
    return {"Add": "added", "Remove": "removed", "Import": "imported"}.get(
        row["Action"], "may be replaced"
    )


def _resources(template: Record, parameters: dict[str, str]) -> Record:
    """Return a template's resources without what every release names anew: itself, versions."""
    text = json.dumps(template.get("Resources", {}))
    for name, resource in template.get("Resources", {}).items():
        if resource["Type"] == VERSION:
            text = text.replace(f'"{name}"', f'"{re.sub("[0-9a-f]{10}$", "", name)}"')
    if release := parameters.get(RELEASE):
        text = text.replace(release, RELEASE)
    return json.loads(text)


def _parameters(old: dict[str, str], new: dict[str, str]) -> dict[str, str]:
    """Return from what to what each parameter goes that does not stay."""
    moved = {name: (old.get(name), new[name]) for name in new if old.get(name) != new[name]}
    if RELEASE in moved:
        was, now = moved[RELEASE]
        moved[RELEASE] = (was and was[:12], now[:12])
    return {name: f"{_move(*pair)}" for name, pair in moved.items()}


def _differences(old: Any, new: Any, path: str = "") -> Iterator[str]:
    """Yield what differs, by the path to it."""
    at = path.removeprefix("Properties.")
    if isinstance(old, dict) and isinstance(new, dict):
        for name in [*old, *(name for name in new if name not in old)]:
            inner = f"{path}.{name}" if path else name
            yield from _differences(old.get(name), new.get(name), inner)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, pair in enumerate(zip(old, new, strict=True)):
            yield from _differences(*pair, f"{path}[{index}]")
    elif isinstance(old, list) and isinstance(new, list):
        yield from (f"{at}: without {_short(_text(item))}" for item in old if item not in new)
        yield from (f"{at}: with {_short(_text(item))}" for item in new if item not in old)
    elif old != new:
        yield f"{at}: {_move(old, new)}"


def _causes(row: Record, moved: dict[str, str]) -> list[str]:
    """Return which properties change because a parameter does, which no template shows."""
    causes = (
        f"{detail['Target'].get('Name', '')}: by the parameter {detail['CausingEntity']}"
        for detail in row.get("Details", [])
        if detail.get("CausingEntity") in moved and detail["CausingEntity"] != RELEASE
    )
    return list(dict.fromkeys(causes))


def _move(old: Any, new: Any) -> str:
    """Return both values; of long ones, what is around the first difference."""
    texts = [_text(old), _text(new)]
    start = len(commonprefix(texts)) - SHOWN // 4  # noqa: RUF071 - of characters indeed
    if start > 0 and max(map(len, texts)) > SHOWN:
        texts = [f"...{text[start:]}" for text in texts]
    return " -> ".join(map(_short, texts))


def _text(value: Any) -> str:
    return "nothing" if value is None else json.dumps(value).strip('"')


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for word in ("stack", "region", "name"):
        parser.add_argument(word)
    options = parser.parse_args()
    found = of(aws.session(options.region), options.stack, options.name)
    print(found.text())
    DELIVERY.mkdir(parents=True, exist_ok=True)
    (DELIVERY / "summary.txt").write_text(f"{found.line()}\n")


if __name__ == "__main__":
    aws.run(main)
