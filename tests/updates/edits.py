"""What teams do to their services."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from tests.updates.living import edit, run

OWN = """
  ReportsBucket:
    Type: AWS::S3::Bucket
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
"""
BETWEEN = """  BetweenTopic:
    Type: AWS::SNS::Topic

"""
STATEMENT = """              - Sid: ReadOwn{stem}
                Effect: Allow
                Action: s3:GetObject
                Resource: !Sub arn:${{AWS::Partition}}:s3:::own-{stem}/*
"""


def stems(service: Path) -> list[str]:
    """Return the stems of the functions that the service was asked for."""
    text = (service / "template.yaml").read_text()
    found = re.findall(r"^  (\w+)Function:\n    Type: AWS::Serverless", text, re.MULTILINE)
    return [stem for stem in found if stem != "PreTraffic"]


def handler(service: Path) -> None:
    for path in sorted((service / "src/service/handlers").glob("[!_]*.*")):
        mark = "#" if path.suffix == ".py" else "//"
        path.write_text(f"{path.read_text()}\n{mark} The team has written {path.stem}.\n")


def own_section(service: Path) -> None:
    edit(service / "template.yaml", "\nOutputs:", f"{OWN}\nOutputs:")
    variable = "\n        OWN_BUCKET: !Ref ReportsBucket"
    edit(service / "template.yaml", "\n\nResources:", f"{variable}\n\nResources:")


def resource_between(service: Path) -> None:
    last = f"  {stems(service)[-1]}Role:\n"
    edit(service / "template.yaml", last, BETWEEN + last)


def thresholds(service: Path) -> None:
    path = service / "template.yaml"
    text = path.read_text()
    for number, threshold in enumerate(re.findall(r"^ +Threshold: \d+ # .*$", text, re.MULTILINE)):
        own = re.sub(r"\d+", str(90000 + number), threshold, count=1)
        text = text.replace(f"{threshold}\n", f"{own}\n")
    path.write_text(text)


def permissions(service: Path) -> None:
    for stem in stems(service):
        line = f"                Resource: !GetAtt {stem}Logs.Arn\n"
        edit(service / "template.yaml", line, line + STATEMENT.format(stem=stem))


def retention(service: Path) -> None:
    """Change one line that looks the same in every function, but for the function's name."""
    path = service / "template.yaml"
    mark = f"  {stems(service)[-1]}Logs:\n"
    before, after = path.read_text().split(mark)
    path.write_text(before + mark + after.replace("!Ref LogRetentionDays", "3653", 1))


def file_deleted(service: Path) -> None:
    (service / "docs/releases.md").unlink()


def dependency(service: Path) -> None:
    if (service / "pyproject.toml").exists():
        edit(service / "pyproject.toml", '  "msgspec",\n', '  "httpx",\n  "msgspec",\n')
    else:
        edit(service / "package.json", '    "valibot"', '    "undici": "^7",\n    "valibot"')


def readme_rewritten(service: Path) -> None:
    (service / "README.md").write_text("# Ours\n\nThe team has written all of this anew.\n")


def make_target(service: Path) -> None:
    with (service / "Makefile").open("a") as file:
        file.write("\n.PHONY: own\nown: ## ours\n\t@true\n")


def reordered(service: Path) -> None:
    """Move the log group of each function to the end of the resources."""
    path = service / "template.yaml"
    for stem in stems(service):
        text = path.read_text()
        block = re.search(rf"^  {stem}Logs:\n(?:    .*\n)+\n", text, re.MULTILINE)[0]
        path.write_text(text.replace(block, "").replace("\nOutputs:", f"\n{block}Outputs:"))


def tool_deleted(service: Path) -> None:
    """Drop what nobody runs here."""
    run("git", "rm", "--quiet", "tools/alarm.py", cwd=service)


EDITS: dict[str, tuple[Callable[[Path], None], ...]] = {
    "edits of every day": (
        handler,
        own_section,
        resource_between,
        thresholds,
        permissions,
        retention,
        file_deleted,
        dependency,
        make_target,
    ),
    "a service made one's own": (readme_rewritten, reordered, tool_deleted),
}
