"""What is judged, what of it is told, and how: for people, programs and the code host."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from golden_path.cli import main
from golden_path.rules import RULES

from tests.conftest import ROOT

SAM = "Transform: AWS::Serverless-2016-10-31\n"
OPEN = f"""{SAM}Resources:
  OwnBucket:
    Type: AWS::S3::Bucket
    Properties:
      PublicAccessBlockConfiguration: {{BlockPublicAcls: true}}
"""
"""It breaks a fact, GP505, and lacks what the golden path wants of buckets."""
NOTES = ["GP501", "GP503", "GP503"]
SOURCE = str(ROOT / "hooks")
Said = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with such a template, in which the command runs."""
    (tmp_path / "template.yaml").write_text(OPEN)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(capsys: Said, *words: str) -> list[str]:
    """The rules of what a command finds."""
    main(["check", *words, "--format", "json"])
    return sorted(one["rule"] for one in json.loads(capsys.readouterr().out))


def test_what_cannot_be_judged_takes_nothing_else_with_it(folder: Path, capsys: Said) -> None:
    (folder / "tabs.yaml").write_text("Resources:\n\tQueue: {}\n")
    assert main(["check", "tabs.yaml", "template.yaml", "none.yaml"]) == 2
    out, err = capsys.readouterr()
    assert "GP505 OwnBucket" in out
    assert [line.split()[1] for line in err.splitlines()] == ["tabs.yaml", "none.yaml"]
    assert told(capsys, "tabs.yaml") == []


def test_the_surprise_of_a_rule_ends_that_rule_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: Said
) -> None:
    def fails(*_: object) -> None:
        raise KeyError("Own")

    monkeypatch.setattr(RULES["GP501"], "check", fails)
    assert main(["check"]) == 2
    out, err = capsys.readouterr()
    assert "GP505 OwnBucket" in out
    assert "cannot be judged whole: GP501 fails on it (KeyError: 'Own')" in err


@pytest.mark.parametrize(
    ("words", "rules"),
    [
        ((), [*NOTES, "GP505"]),
        (("--select", "facts"), ["GP505"]),
        (("--select", "style"), NOTES),
        (("--ignore", "GP50"), []),
        (("--select", "GP50", "--ignore", "GP501,GP505"), ["GP503", "GP503"]),
    ],
)
def test_rules_are_chosen(words: tuple[str, ...], rules: list[str], capsys: Said) -> None:
    assert told(capsys, *words) == rules


def test_a_choice_that_names_no_rule_is_refused(capsys: Said) -> None:
    with pytest.raises(SystemExit):
        main(["check", "--select", "GP5,E501"])
    assert "no rule begins with 'E501', see golden-path rules" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["template.yml", "template.json", "sam.yaml"])
def test_a_template_is_found_as_sam_finds_it(folder: Path, name: str, capsys: Said) -> None:
    (folder / "template.yaml").unlink()
    assert main(["check"]) == 2
    assert "holds no template.yaml, and samconfig.toml names none" in capsys.readouterr().err
    (folder / name).write_text(OPEN)
    if name == "sam.yaml":
        settings = '[default.build.parameters]\ntemplate_file = "sam.yaml"\n'
        (folder / "samconfig.toml").write_text(settings)
    assert "GP505" in told(capsys)
    (folder / "pipeline").mkdir()
    (folder / "pipeline/buildspec.yaml").write_text("version: 0.2\n")
    assert main(["check", str(folder)]) == 1


def test_the_answers_of_another_template_are_none_of_ours(folder: Path, capsys: Said) -> None:
    other = "_src_path: gh:acme/other\nservice_name: own\nfunctions: {hello: {memory: small}}\n"
    (folder / ".copier-answers.yml").write_text(other)
    assert told(capsys, "--select", "facts") == ["GP505"]


def test_sarif_says_where_and_how_grave(capsys: Said) -> None:
    main(["check", "--format", "sarif"])
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    rules = run["tool"]["driver"]["rules"]
    levels = {one["ruleId"]: one["level"] for one in run["results"]}
    assert levels == {"GP501": "note", "GP503": "note", "GP505": "error"}
    for result in run["results"]:
        rule = rules[result["ruleIndex"]]
        assert rule["id"] == result["ruleId"]
        assert rule["fullDescription"]["text"] == RULES[rule["id"]].why
        (place,) = result["locations"]
        assert place["physicalLocation"]["artifactLocation"] == {"uri": "template.yaml"}
    closed = next(one for one in run["results"] if one["ruleId"] == "GP505")
    assert closed["locations"][0]["physicalLocation"]["region"] == {"startLine": 6}


def test_github_shows_it_beside_its_line(folder: Path, capsys: Said) -> None:
    (folder / "a,b%.yaml").write_text(OPEN)
    main(["check", "a,b%.yaml", "--select", "GP505", "--format", "github"])
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("::error file=a%2Cb%25.yaml,line=6,title=GP505::OwnBucket: Its block of")


@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_a_terminal_is_written_what_it_can_show(folder: Path, encoding: str) -> None:
    text = OPEN.replace("OwnBucket", '"Ünbucket"')
    (folder / "template.yaml").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "golden_path", "check"],
        env={"PYTHONIOENCODING": encoding, "PYTHONPATH": SOURCE},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert done.stderr == b""
    assert ("Ü" if encoding == "utf-8" else "?").encode() + b"nbucket" in done.stdout


def test_who_has_read_enough_may_close_the_pipe(folder: Path) -> None:
    many = "".join(
        OPEN.partition("Resources:\n")[2].replace("OwnBucket", f"Own{number}Bucket")
        for number in range(400)
    )
    (folder / "template.yaml").write_text(f"{SAM}Resources:\n{many}")
    with subprocess.Popen(
        [sys.executable, "-m", "golden_path", "check"],
        env={"PYTHONPATH": SOURCE},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as done:
        assert done.stdout.readline().startswith(b"template.yaml:")
        done.stdout.close()
        assert done.stderr.read() == b""
    assert done.returncode == 1
