"""Alarms: exactly those of the table, each with its page, and somebody who is told."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from golden_path import kinds as rules
from golden_path.document import Document
from golden_path.kinds import watched
from golden_path.metrics import METRICS

from docs.written.facts import ROTATION, kind_names, metrics
from docs.written.facts import alarms as table
from tests.conftest import Render, named_answers, settings

SETS: dict[str, dict[str, Any]] = named_answers() | {
    f"{kind} in {environments[-1]}": {"triggers": [kind], "environments": environments}
    for kind in kind_names()
    for environments in (["dev"], ["staging"], ["prod"], ["dev", "staging", "prod"])
}
GENERAL = {
    "a-first-deployment-that-failed",
    "update_rollback_failed",
    "a-canary-that-is-stuck",
    "a-release-that-must-go-back",
    "a-release-that-was-refused",
    "a-change-set-that-cannot-be-made",
    "restoring-the-table",
    "stopping-a-function",
}


@pytest.fixture(scope="module", params=SETS.values(), ids=SETS)
def service(request: pytest.FixtureRequest, render: Render) -> Path:
    return render(**request.param)


def resources(service: Path) -> dict[str, Any]:
    return Document.read(service / "template.yaml").data["Resources"]


def alarms(service: Path) -> dict[str, dict[str, Any]]:
    return {
        name: resource["Properties"]
        for name, resource in resources(service).items()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    }


def entries(service: Path) -> dict[str, dict[str, Any]]:
    """The functions by name: those that the answers declare, and one a secret that rotates."""
    answers = yaml.safe_load((service / ".copier-answers.yml").read_text())
    declared = {name: settings(entry) for name, entry in answers["functions"].items()}
    rotating = {
        f"rotate-{name}": {"trigger": ROTATION}
        for name, entry in answers["secrets"].items()
        if "rotate" in entry
    }
    return declared | rotating


def wanted(service: Path) -> dict[str, tuple[str, dict[str, Any]]]:
    """The alarms that the table asks for: logical id to signal and row."""
    found = {}
    for name, entry in entries(service).items():
        words = re.split("[-_]", entry.get("id", name))
        stem = "".join(word[:1].upper() + word[1:] for word in words)
        for signal, row in table(entry["trigger"]).items():
            title = "".join(word.capitalize() for word in signal.split("_"))
            found[f"{row.get('once', stem)}{title}Alarm"] = (signal, row)
    return found


def anchors(service: Path) -> list[str]:
    page = re.sub(r"```.*?```", "", (service / "docs/runbook.md").read_text(), flags=re.DOTALL)
    headings = re.findall(r"^### (.+)$", page, re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings]


def test_the_alarms_are_exactly_those_of_the_table(service: Path) -> None:
    asked, found = wanted(service), alarms(service)
    assert set(found) == set(asked)
    for name, (_, row) in asked.items():
        if "below" not in row:  # how long it may be silent hangs on the schedule
            assert found[name]["EvaluationPeriods"] == row["periods"]
            assert found[name]["DatapointsToAlarm"] == row["breaching"]
        read = [
            query["MetricStat"]["Metric"]["MetricName"]
            for query in found[name].get("Metrics", [])
            if "MetricStat" in query
        ]
        assert (read or [found[name]["MetricName"]]) == metrics(row)


def test_what_is_to_be_first_stands_before_the_others_of_its_function(service: Path) -> None:
    # An update goes by the lines around an edit: those of one alarm beside another's.
    written = list(alarms(service))
    for name, (signal, row) in wanted(service).items():
        if "first" in row:
            stem = name.removesuffix(f"{signal.capitalize()}Alarm")
            assert next(one for one in written if one.startswith(stem)) == name


def test_every_alarm_has_its_page_and_every_page_its_alarm(service: Path) -> None:
    led_to = {
        name: alarm["AlarmDescription"].split("docs/runbook.md#")[1]
        for name, alarm in alarms(service).items()
    }
    pages = anchors(service)
    assert len(pages) == len(set(pages)), "two pages have the same anchor"
    assert len(led_to) == len(set(led_to.values())), "two alarms share a page"
    assert set(pages) - GENERAL == set(led_to.values())
    assert set(pages) >= GENERAL - {"restoring-the-table"}
    has_table = "Table" in resources(service)
    assert ("restoring-the-table" in pages) is has_table


def test_every_page_says_all_that_a_page_must(service: Path) -> None:
    text = (service / "docs/runbook.md").read_text()
    assert not re.search(r"<(name|stem|floor|service)>", text), "a placeholder is left"
    for page in re.split(r"^##+ ", text, flags=re.MULTILINE):
        title = page.splitlines()[0]
        if re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") in anchors(service):
            for part in ("Who is hurt.", "First look.", "Remedy.", "It is over when"):
                assert page.count(f"- **{part}**") == 1, f"{title} lacks: {part}"
            assert "```" in page, f"{title} has nothing to type"


def group_name(logical_id: str, group: dict[str, Any]) -> str:
    """Return how AWS names a log group of a stack called STACK, up to what it makes up."""
    given = group["Properties"].get("LogGroupName", {"Fn::Sub": [f"STACK-{logical_id}-"]})
    return given["Fn::Sub"][0].replace("${AWS::StackName}", "STACK")


def test_the_page_names_what_is_there(service: Path) -> None:
    text = (service / "docs/runbook.md").read_text()
    known = resources(service)
    deployed = {f"{name}DeploymentGroup" for name in known if name.endswith("Function")}
    by_sam = {"ServerlessDeploymentApplication"} | deployed
    assert set(re.findall(r"physical (\w+)\)", text)) <= set(known) | by_sam
    groups = re.findall(r"log group that begins with `(.*)`", text)
    names = [group_name(*one) for one in known.items() if one[1]["Type"] == "AWS::Logs::LogGroup"]
    for group in groups:
        begun = re.sub("[a-z0-9-]+-ENV", "STACK", group)
        assert any(name.startswith(begun) for name in names), f"no log group begins with {group}"


def test_the_dashboard_is_json_and_shows_every_alarm(service: Path) -> None:
    body = resources(service)["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    shown = [
        arn
        for widget in json.loads(body)["widgets"]
        for arn in widget["properties"].get("annotations", {}).get("alarms", [])
    ]
    assert sorted(shown) == sorted(f"${{{name}.Arn}}" for name in alarms(service))


def test_lines_that_are_tuned_are_told_apart(service: Path) -> None:
    tuned = re.compile(r"^ +(Threshold|EvaluationPeriods|DatapointsToAlarm|Period): ")
    for block in re.split(r"\n(?=  \w+:\n    Type: )", (service / "template.yaml").read_text()):
        lines = [line for line in block.splitlines() if tuned.search(line)]
        marks = {re.search(r" # ([^ ]+ [^ ]+): ", line)[1] for line in lines}
        assert len(marks) <= 1, "a line does not say whose it is"
        if lines:
            first = block.splitlines().index(lines[0])
            told = [
                number for number, line in enumerate(block.splitlines()) if "Description" in line
            ]
            assert first - told[0] > 3, "a rename would meet an edit"


def test_whoever_is_woken_learns_that_it_is_over(service: Path) -> None:
    there = alarms(service)
    for name, (_, row) in wanted(service).items():
        alarm = there[name]
        assert alarm["AlarmDescription"].startswith(f"{row['severity']}: ")
        assert ("OKActions" in alarm) is (row["severity"] == "page")
        assert alarm["AlarmActions"] == [{"Ref": "AlarmTopic"}]


# Longest rest in hours, and two; none where it is too long for an alarm, or not plain.
RESTS = {
    "rate(1 minute)": 3,
    "rate(90 minutes)": 4,
    "rate(1 day)": 26,
    "rate(6 days)": 146,
    "rate(7 days)": None,
    "cron(0/15 * * * ? *)": 3,
    "cron(0 0/5 * * ? *)": 7,
    "cron(30 6,18 ? * * *)": 26,
    "cron(0 6 ? * MON-FRI *)": 74,
    "cron(0 6 ? * 2,THU *)": 98,
    "cron(0 6 ? * MON *)": None,
    "cron(0 6 ? * FRI-MON *)": None,
    "cron(0 6 ? * 6L *)": None,
    "cron(0 6 1 * ? *)": None,
    "cron(0 6 * JAN ? *)": None,
    "cron(0 6 * * ? 2027)": None,
}


def test_a_schedule_that_went_silent_is_told_of_where_silence_is_a_fault(render: Render) -> None:
    functions = {
        f"run-{place}": {"trigger": "schedule", "schedule": schedule}
        for place, schedule in enumerate(RESTS)
    }
    weekly = functions | {"weekly": functions["run-10"] | {"alarms": {"silence": 168}}}
    found = alarms(render(functions=weekly))
    seen = {
        schedule: found.get(f"Run{place}SilenceAlarm", {}).get("EvaluationPeriods")
        for place, schedule in enumerate(RESTS)
    }
    assert seen == RESTS
    silence = found["WeeklySilenceAlarm"]
    assert silence["EvaluationPeriods"] == silence["DatapointsToAlarm"] == 168
    for alarm in (one for name, one in found.items() if name.endswith("SilenceAlarm")):
        assert alarm["Threshold"] == 1
        assert alarm["ComparisonOperator"] == "LessThanThreshold"
        assert alarm["TreatMissingData"] == "breaching", "it never tells of silence"
        assert alarm["Period"] * alarm["EvaluationPeriods"] <= 604_800, "CloudWatch refuses it"


def test_one_message_that_keeps_failing_is_never_enough(render: Render) -> None:
    """The floor of an alarm is above what one message can do in as many periods as it takes."""
    worker = {"trigger": "sqs", "timeout": 2, "max_receives": 9, "alarms": {"release": 3}}
    found = alarms(render(functions={"quick": worker, "slow": {"trigger": "sqs", "timeout": 120}}))

    def floor(name: str) -> int:
        return int(re.search(r">= (\d+)", found[name]["Metrics"][0]["Expression"])[1])

    # It comes again after 13 seconds: five times a minute, nine times in all.
    assert floor("QuickReleaseAlarm") == 6
    assert found["QuickReleaseAlarm"]["Threshold"] == 3, "what a team has tuned is changed"
    assert floor("QuickErrorsAlarm") == floor("QuickReturnsAlarm") == 10
    # It comes again after 721 seconds: one failure in a period.
    assert floor("SlowReleaseAlarm") == 2
    assert floor("SlowErrorsAlarm") == floor("SlowReturnsAlarm") == 5


def test_the_thresholds_that_hang_on_the_timeout_follow_it(render: Render) -> None:
    slow = {"trigger": "sqs", "timeout": 120, "alarms": {"duration": 50}}
    found = alarms(render(functions={"slow": slow, "quick": {"trigger": "sqs", "timeout": 10}}))
    assert found["SlowDurationAlarm"]["Threshold"] == 60_000
    assert found["QuickDurationAlarm"]["Threshold"] == 8_000
    assert found["SlowAgeAlarm"]["Threshold"] == 3 * 6 * 120, "a poison message alone would wake"
    assert found["QuickAgeAlarm"]["Threshold"] == 900
    lasting = found["SlowReturnsAlarm"]["Metrics"][1]["MetricStat"]["Period"]
    assert lasting == 4 * 120, "a batch that still runs looks as if it came back"


def test_the_rules_ask_for_what_the_table_has() -> None:
    # A function of a team's own may have no schedule and no adapter of ours.
    asked = {
        (row["namespace"], metrics(row)[0])
        for kind in [*kind_names(), ROTATION]
        for row in table(kind).values()
        if not row.get("ours") and "version" not in row
    }
    known = [watched("function"), watched("dead_letters"), watched("rotation")]
    known += [pairs for kind in rules.kinds() for pairs in kind.watched.values()]
    assert asked == {pair for pairs in known for pair in pairs}


def test_the_table_names_metrics_that_exist() -> None:
    for kind in [*kind_names(), ROTATION]:
        for row in table(kind).values():
            versions = [set(), {"ExecutedVersion"}] if "version" in row else [set()]
            for metric in metrics(row) if row["namespace"] != "<service>" else []:
                for version in versions:
                    known = METRICS[row["namespace"]][metric]
                    assert frozenset(row["dimensions"]) | version in known


# ---------------------------------------------------------------- make test-alarm
