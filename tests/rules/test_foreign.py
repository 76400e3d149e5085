"""Services that were born elsewhere: what is said of them is true, and what they lack is found.

Each template of the folder says behind a line which facts must be found there, by `# GP601`; what
only says how the golden path does a thing is no fact.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from golden_path.check import check
from golden_path.rules import RULES

FOREIGN = sorted(Path(__file__).with_name("foreign").glob("*.yaml"))
APPLICATION = """Transform: AWS::Serverless-2016-10-31
Resources:
  Own:
    Type: AWS::Serverless::Application
    Properties:
      Location:
        ApplicationId: arn:aws:serverlessrepo:us-east-1:012345678901:applications/own
        SemanticVersion: 1.0.0
"""
MARK = re.compile(r"# ((?:GP\d{3} ?)+)$")


@pytest.mark.parametrize("template", FOREIGN, ids=lambda path: path.stem)
def test_what_is_said_is_true_and_nothing_is_missing(template: Path) -> None:
    expected = {
        (number, rule)
        for number, line in enumerate(template.read_text().splitlines(), 1)
        if (marked := MARK.search(line))
        for rule in marked[1].split()
    }
    found = {(one.line, one.rule) for one in check(template) if not RULES[one.rule].style}
    assert found == expected


def test_an_application_of_the_repository_is_not_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given credentials, and a place where nobody answers
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "somebody")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    template = tmp_path / "template.yaml"
    template.write_text(APPLICATION)
    # when it is judged, then nobody was asked
    assert check(template) == []
