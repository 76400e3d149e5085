"""The command: what it prints, how it exits, and that no input makes it fail in another way."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from golden_path.check import judge
from golden_path.cli import main
from golden_path.document import CannotJudge, Document
from golden_path.rules import RULES, workflows
from golden_path.stack import Stack
from golden_path.template import Template, load, parse

from tests.rules.planting import DROP, line_of
from tests.rules.service import FILES, Service

SAM = "Transform: AWS::Serverless-2016-10-31\n"

# What cannot be judged, and a word of the sentence that says why.
UNREADABLE = {
    "empty": ("", "holds no mapping"),
    "a list": ("- a\n- b\n", "holds no mapping"),
    "no YAML": ("Resources: [unclosed\n", "not valid YAML: line"),
    "a tab": ("Resources:\n\tQueue: {}\n", "not valid YAML: line 2"),
    "a key twice": (
        f"{SAM}Resources:\n  Q: {{}}\n  Q: {{}}\n",
        "line 4: the key 'Q' is there twice",
    ),
    "an alias to itself": (f"{SAM}Resources: &loop\n  Loop: *loop\n", "not valid YAML: line 2"),
    "SAM without its transform": (
        "Resources: {F: {Type: AWS::Serverless::Function}}\n",
        "no SAM template",
    ),
    "another transform": (
        "Transform: AWS::Include\nResources: {Q: {Type: AWS::SQS::Queue}}\n",
        "no SAM template",
    ),
    "no template": ("a: b\n", "no SAM template"),
    "no resources": (SAM, "'Resources' section is required"),
    "a resource of text": (f"{SAM}Resources: {{Q: queue}}\n", "must be Objects"),
    "a function SAM refuses": (
        f"{SAM}Resources: {{F: {{Type: AWS::Serverless::Function, Properties: {{Handler: 7}}}}}}\n",
        "Resource with id [F] is invalid",
    ),
}


def test_a_clean_service_exits_0_in_silence(
    good: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(good.write(tmp_path))]) == 0
    assert capsys.readouterr() == ("", "")


def test_a_finding_exits_1_with_place_defect_and_cure(
    good: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    service = good.but(template={"WorkerQueue.VisibilityTimeout": "60"})
    file = service.write(tmp_path)

    assert main(["check", str(file)]) == 1

    line = line_of(service.template, "WorkerQueue.VisibilityTimeout")
    assert capsys.readouterr().out == (
        f"{file}:{line}: GP301 WorkerQueue: It hides messages for 60 s; WorkerFunction needs 361 s."
        f" {RULES['GP301'].mend}\n"
    )


def test_findings_as_json(
    good: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    service = good.but(template={"Table.DeletionProtectionEnabled": DROP})
    file = service.write(tmp_path)

    assert main(["check", str(file), "--format", "json"]) == 1

    assert json.loads(capsys.readouterr().out) == [
        {
            "file": str(file),
            "line": line_of(service.template, "Resources.Table"),
            "rule": "GP502",
            "resource": "Table",
            "problem": "It is not protected against deletion.",
            "mend": RULES["GP502"].mend,
            "level": "note",
        }
    ]


def test_a_clean_service_is_an_empty_list_in_json(
    good: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(good.write(tmp_path)), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


@pytest.mark.parametrize(("text", "reason"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_judged_exits_2_with_one_sentence(
    text: str, reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "template.yaml"
    file.write_text(text, encoding="utf-8")

    assert main(["check", str(file)]) == 2

    out, err = capsys.readouterr()
    assert out == ""
    assert reason in err
    assert err.startswith(f"golden-path: {file} ")
    assert err.count("\n") == 1


def test_missing_files_exit_2(
    good: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(tmp_path / "none.yaml")]) == 2
    assert "none.yaml cannot be read: No such file" in capsys.readouterr().err
    template = str(good.write(tmp_path))
    assert main(["check", template, "--answers", str(tmp_path / "none.yml")]) == 2
    assert "none.yml cannot be read: No such file" in capsys.readouterr().err


def test_a_file_that_is_no_text_exits_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "template.yaml").write_bytes(b"\xff\xfe\x00")
    assert main(["check", str(tmp_path / "template.yaml")]) == 2
    assert "not UTF-8" in capsys.readouterr().err


def test_a_whole_service_is_judged_in_its_folder(
    delivered: Service,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    # Given a service with a defect in its template, and one in a stack that needs its answers
    delivered.but(
        template={"WorkerQueue.VisibilityTimeout": "60"},
        account={"TestRole.PermissionsBoundary": DROP},
    ).write(tmp_path)
    monkeypatch.chdir(tmp_path)

    # When it is judged, both are found; named by itself, a stack is judged alone
    assert main(["check"]) == 1
    found = [line.split(" ")[:2] for line in capsys.readouterr().out.splitlines()]
    assert [(place.split(":")[0], rule) for place, rule in found] == [
        ("template.yaml", "GP301"),
        ("pipeline/account.yaml", "GP104"),
    ]
    assert main(["check", str(tmp_path)]) == 1
    assert capsys.readouterr().out.count("GP") == 2
    assert main(["check", "pipeline/pipeline.yaml"]) == 0
    assert main(["check", "pipeline/account.yaml", "pipeline/pipeline.yaml"]) == 1


def test_a_service_without_answers_is_not_compared_with_any(good: Service, tmp_path: Path) -> None:
    file = good.but(template={"WorkerFunction.Handler": "elsewhere.handler"}).write(tmp_path)
    assert main(["check", str(file)]) == 1
    (tmp_path / ".copier-answers.yml").unlink()
    assert main(["check", str(file)]) == 0


def test_the_rules_are_listed_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules"]) == 0
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert listed == sorted(RULES)

    assert main(["rules", "--format", "json"]) == 0
    rules = json.loads(capsys.readouterr().out)
    assert [rule["id"] for rule in rules] == listed
    assert all(rule.keys() == {"id", "title", "why", "mend"} for rule in rules)


def test_nothing_but_the_findings_is_printed(good: Service, tmp_path: Path) -> None:
    file = good.but(template={"Globals.Function.Tracing": "[1]"}).write(tmp_path)
    command = [sys.executable, "-m", "golden_path", "check", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") == 1


JUNK = (None, 7, True, "text", [], {}, [[]], {1: 2}, [None, {"x": None}], {"Ref": ["x"]})
FUNCTIONS = ({"Fn::If": "x"}, {"Fn::If": ["c", {"a": 1}, ["b"]]}, {"Fn::GetAtt": [1]})
MORE_FUNCTIONS = ({"Fn::Sub": [1, 2]}, {"Fn::Join": ["", 7]}, {"Ref": "AWS::NoValue"})


@pytest.mark.parametrize(
    ("service", "name"),
    [
        ("every_kind", "template"),
        ("fed", "template"),
        ("delivered", "pipeline"),
        ("delivered", "account"),
    ],
)
def test_no_shape_makes_a_rule_fail(
    service: str, name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    # Given a good template with junk at random places, the same ones in each run
    chance = random.Random(1)
    judged = request.getfixturevalue(service)
    template_file = judged.write(tmp_path)  # beside the states that it names
    source = Document(str(template_file), getattr(judged, name))
    answers = Document("a", judged.answers)
    template = parse(source)
    paths = list(_paths(template.resources))
    for _ in range(50):
        path, junk = chance.choice(paths), chance.choice(JUNK + FUNCTIONS + MORE_FUNCTIONS)
        resources = _with(template.resources, path, junk)

        # When the rules judge it, then they come to an end, whatever they find
        try:
            judge(Stack(Template(source, resources, template.owners), answers))
        except CannotJudge as error:
            pytest.fail(f"{junk!r} at {path}: {error}")


def test_no_shape_of_states_makes_a_rule_fail(
    of_kind: Callable[[str], Service], tmp_path: Path
) -> None:
    chance = random.Random(1)
    good = of_kind("step_functions")
    stack = Stack(load(good.write(tmp_path)))
    own = [rule for rule in RULES.values() if rule.__module__ == workflows.__name__]
    states = json.loads(good.states)
    paths = [(name,) for name in states] + _paths(states)
    for _ in range(300):
        path, junk = chance.choice(paths), chance.choice(JUNK + FUNCTIONS)
        (tmp_path / FILES["states"]).write_text(json.dumps(_with(states, path, junk)))
        for rule in own:
            assert isinstance(list(rule().check(stack)), list), f"{junk!r} at {path}: {rule.id}"


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    parts = value.items() if isinstance(value, dict) else ()
    parts = enumerate(value) if isinstance(value, list) else parts
    below = [found for key, part in parts for found in _paths(part, (*path, key))]
    # A resource itself is a mapping: parsing sees to that.
    return ([path] if len(path) > 1 else []) + below


def _with(value: Any, path: tuple[Any, ...], junk: Any) -> Any:
    if not path:
        return junk
    changed = value.copy()
    changed[path[0]] = _with(value[path[0]], path[1:], junk)
    return changed
