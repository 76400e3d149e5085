"""A trigger is a folder: a kind that exists only here is added by its folder."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import copier
import pytest
import yaml
from copier.errors import UserMessageError
from golden_path.check import check_service

# Invoked by nobody but an operator: the smallest kind there can be.
FILES = {
    "kind.yml": """\
title: By hand (aws lambda invoke)
when: Somebody calls it
group: requests
summary: is invoked by hand
invoked: asynchronously
concern: Hand
default_name: chore
idempotency_key: the id that the caller gives
resources: {each: 2}
costs:
  - type: AWS::Own::Bell
    cents: 250
    page: https://example.com/bells
    what: bells
    note: ", and their rope"
testing: {trace: ByHand}
settings:
  timeout:
    default: 10
  topic:
    type: arn
    service: sns
    default: arn:aws:sns:eu-west-1:123456789012:orders
    example: arn:aws:sns:eu-west-1:123456789012:orders
    unit: ARN of a topic
    meaning: Where it tells.
  way:
    type: choice
    choices: [gently, roughly]
    default: gently
    unit: way
    meaning: How it works.
  loud:
    type: flag
    default: false
    unit: yes or no
    meaning: Whether it tells.
  tags:
    type: list
    most: 2
    pattern: ^[a-z]+
    example: blue
    default: []
    unit: colours
    meaning: What it paints in.
  filter:
    type: mapping
    longest: 30
    example: "{kind: [created]}"
    default: {}
    unit: pattern
    meaning: What it works on.
""",
    "function.yaml.jinja": """\
{% extends "template/ways/asynchronously/function.yaml.jinja" %}
{% block variables %}
      Environment:
        Variables:
{% set chosen = [fn.topic, fn.way, fn.loud, fn.tags, fn.filter] %}
          CHOSEN: {{ chosen | to_json | to_json }} # {{ fn.id }}
{% endblock %}
""",
    "execution.yaml.jinja": '{% include "template/ways/asynchronously/execution.yaml.jinja" %}\n',
    "diagram.jinja": '  operator([operator]) --> {{ fn.logical }}["{{ fn.name }}"]\n',
    "event.json.jinja": '{ "id": "1" }\n',
    "python/adapter.py.jinja": '"""By hand: nothing to adapt."""\n',
    "python/test_adapter.py.jinja": '"""By hand: nothing to test."""\n',
    "python/handler.py.jinja": "def handler(_event, _context):\n    return None\n",
    "python/test_handler.py.jinja": '"""Nothing yet."""\n',
    "python/test_integration.py.jinja": '"""Nothing yet."""\n',
}


@pytest.fixture(scope="module")
def template(copier_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template with one folder more, and what `make docs` writes of it."""
    folder = tmp_path_factory.mktemp("template") / "template"
    shutil.copytree(copier_template, folder, ignore=shutil.ignore_patterns(".git"))
    for name, text in FILES.items():
        path = folder / "template/kinds/by_hand" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    with (folder / "template/choices.yml").open("a") as choices:  # as `make docs` does
        choices.write("By hand (aws lambda invoke): by_hand\n")
    return folder


def render(template: Path, folder: Path, **answers: object) -> Path:
    copier.run_copy(str(template), folder, data=answers, defaults=True, quiet=True, unsafe=False)
    return folder


def test_its_service_carries_what_every_function_carries(template: Path, tmp_path: Path) -> None:
    service = render(template, tmp_path / "service", triggers=["by_hand", "sqs"])
    text = (service / "template.yaml").read_text()
    for resource in ("Function", "Role", "Logs", "DeadLetters", "ErrorsAlarm"):
        assert f"  Chore{resource}:\n" in text
    assert "Timeout: 10 # chore: seconds" in text
    assert (service / "src/service/handlers/chore.py").exists()
    assert (service / "src/service/adapters/by_hand.py").exists()
    assert '"chore"' in (service / "README.md").read_text()
    assert check_service(service) == []


def test_its_cost_stands_in_the_readme(template: Path, tmp_path: Path) -> None:
    functions = {"x": "by_hand", "y": "by_hand", "z": "sqs"}
    readme = (render(template, tmp_path / "service", functions=functions) / "README.md").read_text()
    assert "| [bells](https://example.com/bells), and their rope | 2 | 2.50 | 5.00 |\n" in readme
    rows = re.findall(r"\| \d+ \| [\d.]+ \| ([\d.]+) \|$", readme, re.MULTILINE)
    assert f"**{sum(map(float, rows)):.2f}**" in readme


def test_its_settings_are_validated(template: Path, tmp_path: Path) -> None:
    functions = {"x": {"trigger": "by_hand", "batch_size": 1}}
    with pytest.raises(UserMessageError, match='Remove or correct "batch_size"'):
        render(template, tmp_path / "service", functions=functions)


CHOSEN = {
    "topic": "arn:aws-cn:sns:cn-north-1:123456789012:orders.fifo",
    "way": "roughly",
    "loud": True,
    "tags": ["blue", "red"],
    "filter": {"kind": ["created"]},
}


def test_a_setting_of_each_type_reaches_the_template(template: Path, tmp_path: Path) -> None:
    functions = {"x": {"trigger": "by_hand"} | CHOSEN}
    service = render(template, tmp_path / "service", functions=functions)
    written = yaml.safe_load(
        next(line for line in (service / "template.yaml").open() if "CHOSEN:" in line)
    )
    assert json.loads(written["CHOSEN"]) == list(CHOSEN.values())


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"topic": "arn:aws:sqs:eu-west-1:123456789012:orders"}, "Write it like arn:aws:sns:"),
        ({"topic": "arn:aws:sns:eu-west-1:123456789012:a b"}, "Write it like arn:aws:sns:"),
        ({"topic": 1}, "Write it like arn:aws:sns:"),
        ({"way": "ROUGHLY"}, 'Choose gently or roughly: way of x is "ROUGHLY"'),
        ({"way": ["gently"]}, "Choose gently or roughly"),
        ({"loud": "yes"}, 'Write true or false: loud of x is "yes"'),
        ({"loud": 1}, "Write true or false: loud of x is 1"),
        ({"tags": "blue"}, "Write a list like [blue]"),
        ({"tags": {"blue": 1}}, "Write a list like [blue]"),
        ({"tags": ["blue", "blue"]}, "each once"),
        ({"tags": ["blue", "red", "green"]}, "at most 2"),
        ({"tags": ["blue", "Red"]}, "Write a list like [blue]"),
        ({"tags": [1]}, "Write a list like [blue]"),
        ({"tags": 3}, "Write a list like [blue]"),
        ({"filter": "kind: created"}, "Write a mapping like {kind: [created]}"),
        ({"filter": ["created"]}, "Write a mapping like {kind: [created]}"),
        ({"filter": {"kind": ["x" * 30]}}, "at most 30 characters"),
    ],
    ids=str,
)
def test_a_setting_that_its_type_does_not_allow_is_refused(
    template: Path, tmp_path: Path, given: dict[str, Any], sentence: str
) -> None:
    functions = {"x": {"trigger": "by_hand"} | given}
    with pytest.raises(UserMessageError, match=re.escape(sentence)):
        render(template, tmp_path / "service", functions=functions)
    assert not (tmp_path / "service").exists()


def test_the_template_names_no_kind_outside_its_folder(copier_template: Path) -> None:
    shared = [
        path
        for path in (copier_template / "template").rglob("*")
        if path.is_file() and "kinds" not in path.parts and "locks" not in path.parts
    ]
    named = {
        path.relative_to(copier_template): kind
        for path in shared
        for kind in ("http_api", "schedule.", "sqs.")
        if f'"{kind}"' in path.read_text() or f"kinds/{kind}" in path.read_text()
    }
    assert named == {}, "what belongs to a kind stands outside its folder"
