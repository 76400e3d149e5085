"""CodePipeline's actions of CloudFormation: a change set replaced, and one executed."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

NEW = "REVIEW_IN_PROGRESS"
EMPTY = "didn't contain changes"  # which is no error for CodePipeline


def act(stacks: Any, there: dict[str, str], given: dict[str, str], found: dict[str, Path]) -> str:
    """Do what an action is configured to; return how it ends: COMPLETE is good, or ..._COMPLETE.

    `stacks` is the client of the action's role, `there` the status of every stack, `found` the
    artifacts by name.
    """
    key = {"StackName": given["StackName"], "ChangeSetName": given["ChangeSetName"]}
    if given["ActionMode"] == "CHANGE_SET_REPLACE":
        if given["StackName"] in there:
            stacks.delete_change_set(**key)
        _make(stacks, key, there.get(given["StackName"], NEW) == NEW, given, found)
        made = stacks.describe_change_set(**key)
        return "COMPLETE" if EMPTY in made.get("StatusReason", "") else str(made["Status"])
    if EMPTY in stacks.describe_change_set(**key).get("StatusReason", ""):
        return "COMPLETE"
    stacks.execute_change_set(**key)
    while True:
        (stack,) = stacks.describe_stacks(StackName=given["StackName"])["Stacks"]
        if not stack["StackStatus"].endswith("_IN_PROGRESS"):
            return str(stack["StackStatus"])
        time.sleep(0.2)


def _make(
    stacks: Any, key: dict[str, str], new: bool, given: dict[str, str], found: dict[str, Path]
) -> None:
    def read(setting: str) -> str:
        artifact, name = given[setting].split("::")
        return (found[artifact] / name).read_text(encoding="utf-8")

    configuration = json.loads(read("TemplateConfiguration"))
    stacks.create_change_set(
        **key,
        ChangeSetType="CREATE" if new else "UPDATE",
        TemplateBody=read("TemplatePath"),
        RoleARN=given["RoleArn"],
        Capabilities=given["Capabilities"].split(","),
        Parameters=[
            {"ParameterKey": name, "ParameterValue": value}
            for name, value in configuration["Parameters"].items()
        ],
        Tags=[{"Key": name, "Value": value} for name, value in configuration["Tags"].items()],
    )
