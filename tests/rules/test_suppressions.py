"""An exception counts where it stands, for the rule it names, with its reason, and no further."""

from __future__ import annotations

from pathlib import Path

from tests.rules.planting import DROP, line_of
from tests.rules.service import Service

OPEN = "{golden-path: {GP601: 'Prices are public, anybody may read them.'}}"
OPEN_API = {"HttpApi.Auth": DROP, "HttpApi:Metadata": OPEN}


def rules_found(service: Service, folder: Path) -> set[str]:
    return {finding.rule for finding in service.judge(folder)}


def test_a_reason_excuses_what_sam_derives_from_the_resource(good: Service, tmp_path: Path) -> None:
    # The open routes are found on the translated API, the suppression stands on SAM's.
    assert rules_found(good.but(template=OPEN_API), tmp_path) == set()


def test_it_does_not_excuse_another_rule(good: Service, tmp_path: Path) -> None:
    unlimited = OPEN_API | {"HttpApi.DefaultRouteSettings": DROP}
    assert rules_found(good.but(template=unlimited), tmp_path) == {"GP602"}


def test_it_does_not_excuse_another_resource(good: Service, tmp_path: Path) -> None:
    open_elsewhere = OPEN_API | {"OwnApi.Auth": DROP}
    findings = good.but(template=open_elsewhere).judge(tmp_path)
    assert [(finding.rule, finding.resource) for finding in findings] == [("GP601", "OwnApi")]


def test_without_a_reason_it_excuses_nothing(good: Service, tmp_path: Path) -> None:
    silent = {"HttpApi.Auth": DROP, "HttpApi:Metadata": "{golden-path: {GP601: ' public    '}}"}
    assert rules_found(good.but(template=silent), tmp_path) == {"GP001", "GP601"}


def test_a_bare_list_of_rules_is_no_reason(good: Service, tmp_path: Path) -> None:
    listed = {"HttpApi.Auth": DROP, "HttpApi:Metadata": "{golden-path: [GP601]}"}
    assert {"GP001", "GP601"} <= rules_found(good.but(template=listed), tmp_path)


def test_a_suppression_cannot_be_suppressed(good: Service, tmp_path: Path) -> None:
    metadata = "{golden-path: {GP504: too short, GP001: 'We give no reasons in this team.'}}"
    service = good.but(template={"Table:Metadata": metadata})
    assert rules_found(service, tmp_path) == {"GP001", "GP002"}


def test_at_the_top_it_excuses_what_no_resource_stands_for(good: Service, tmp_path: Path) -> None:
    gone = good.but(
        template={"Metadata": "{golden-path: {GP901: 'Deployed from another repository.'}}"},
        answers={"functions.elsewhere": "sqs"},
    )
    assert rules_found(gone, tmp_path) == set()


def test_at_the_top_it_excuses_no_resource(good: Service, tmp_path: Path) -> None:
    # Given an exception for the whole template, from a rule that one queue breaks
    metadata = "{golden-path: {GP504: 'Queues here hold nothing of worth.'}}"
    service = good.but(template={"Metadata": metadata, "WorkerQueue.SqsManagedSseEnabled": "false"})

    # When it is judged
    findings = service.judge(tmp_path)

    # Then the queue is found, and the exception is found useless at its own line
    assert [(finding.rule, finding.line) for finding in findings] == [
        ("GP003", line_of(service.template, "Metadata")),
        ("GP504", line_of(service.template, "WorkerQueue.SqsManagedSseEnabled")),
    ]
