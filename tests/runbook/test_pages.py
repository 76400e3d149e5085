"""Runbooks: every command is one, every name in them is there, and the pages begin with an act."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from golden_path.document import Document

from tests.conftest import EVERY_KIND, Render, everything, named_answers
from tests.runbook.cli import WrongError, read
from tests.runbook.page import Command, Page, pages
from tests.tooling import tool_of

ANSWERED: dict[str, dict[str, Any]] = {
    "each kind": named_answers()[EVERY_KIND],
    "each kind in TypeScript": named_answers()[EVERY_KIND] | {"runtime": "nodejs24.x"},
    "each kind by hand": named_answers()[EVERY_KIND] | {"delivery": "none"},
    "secrets on GitHub": everything() | {"delivery": "github_actions"},
    "schedule alone": named_answers()["schedule-only"] | {"data_store": "none"},
}

COMMANDS = {
    *("fields", "filter", "stats", "parse", "sort", "limit", "display", "dedup"),
}
"""Those of Logs Insights."""

FUNCTIONS = {"count", "sum", "avg", "min", "max", "pct", "bin"}


@pytest.fixture(scope="module", params=ANSWERED.values(), ids=ANSWERED)
def service(request: pytest.FixtureRequest, render: Render) -> Path:
    return render(**request.param)


@pytest.fixture(scope="module")
def book(service: Path) -> list[Page]:
    return pages(service)


def typed(book: list[Page], program: str) -> list[Command]:
    found = [one for page in book for one in page.commands() if one.words[0] == program]
    assert found, f"the runbook says nothing of {program}"
    return found


def test_every_block_is_known(book: list[Page]) -> None:
    known = ("sh", "text")
    for page in book:
        assert page.text.count("```") == 2 * sum(len(list(page.blocks(kind))) for kind in known)
        for command in page.commands():
            assert command.words[0] in ("aws", "make"), f"{command} is neither aws nor make"


def test_the_aws_cli_takes_every_command(book: list[Page]) -> None:
    wrong = []
    for command in typed(book, "aws"):
        try:
            read(command.words, named=command.named)
        except WrongError as error:
            wrong.append(f"{command}: {error}")
    assert wrong == []


def targets(service: Path) -> dict[str, str]:
    """What the Makefile says of each of its commands."""
    text = (service / "Makefile").read_text()
    return dict(re.findall(r"^([a-z-]+):.*## (.*)$", text, re.MULTILINE))


def wrong_with(command: Command, told: dict[str, str], known: set[str]) -> list[str]:
    """Return what `make` would not do."""
    _, target, *given = command.words
    if target not in told:
        return [f"there is no `make {target}`"]
    variables = dict(word.split("=", 1) for word in given)
    documented = set(re.findall(r"\b([A-Z]+)=", told[target]))
    needed = set(re.findall(r"\b([A-Z]+)=", re.sub(r"\[.*?\]", "", told[target])))
    wrong = [f"{target} takes no {name}=" for name in variables.keys() - documented]
    if given or not command.named:
        wrong += [f"{target} needs {name}=" for name in needed - variables.keys()]
    named = "NAME" if target.endswith("-function") else "FN"
    if variables.get(named, "items-service") not in known:
        wrong.append(f"there is no function {variables[named]!r}")
    if variables.get("ENV", "") not in ("", "$ENV"):
        wrong.append("it does not take the environment of the shell")
    return wrong


def test_make_takes_every_command(service: Path, book: list[Page]) -> None:
    answers = yaml.safe_load((service / ".copier-answers.yml").read_text())
    known = {*answers["functions"], "pre-traffic", "items-service"}
    told = targets(service)
    wrong = {
        str(one): found for one in typed(book, "make") if (found := wrong_with(one, told, known))
    }
    assert wrong == {}
    sys.modules.pop("stack", None)
    for function in known - {"items-service"}:
        assert tool_of(service, "stack").stem(function)


def test_every_page_that_wakes_somebody_begins_with_an_act(book: list[Page]) -> None:
    for page in book:
        first = re.search(r"^- \*\*(.+?)\.\*\*", page.text, re.MULTILINE)
        wakes = "**Page.**" in page.prose and "**Ticket.**" not in page.prose
        if first:
            assert (first[1] == "At once") is wakes, f"{page.title} begins with {first[1]}"


def test_where_a_release_may_be_to_blame_the_way_back_comes_first(book: list[Page]) -> None:
    for page in book:
        if page.title.endswith(" errors") and "**Page.**" in page.prose:
            assert re.search(r"\*\*At once\.\*\* .*`make rollback ENV=\$ENV FN=\w+`", page.text)


def test_every_name_is_there(service: Path, book: list[Page]) -> None:
    resources = Document.read(service / "template.yaml").data["Resources"]
    outputs = Document.read(service / "template.yaml").data["Outputs"]
    by_sam = {f"{name}DeploymentGroup" for name in resources if name.endswith("Function")}
    known = {*resources, *outputs, *by_sam, "ServerlessDeploymentApplication"}
    stems = {name.removesuffix("Function") for name in resources if name.endswith("Function")}
    titles = {page.title for page in book}
    anchors = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
    for page in book:
        own = re.findall(rf"\b((?:{'|'.join(stems)})[A-Z]\w+)", page.text)
        own += re.findall(r"output `(\w+)`", page.text)
        own += re.findall(r"physical (\w+)\)", page.text)
        assert set(own) <= known, f"{page.title} names {set(own) - known}"
        named = set(re.findall(r"(?<!\*)\*([\w-]+ [a-z ]+)\*(?!\*)", page.prose))
        assert named <= titles, f"{page.title} leads to {named - titles}"
        assert set(re.findall(r"\]\(#([\w-]+)\)", page.text)) <= anchors
        files = re.findall(r"(?:`|file://)([\w./-]+\.(?:py|ts|yaml|yml|json|md))\b", page.text)
        for file in files:
            assert (service / file).exists(), f"{page.title} names {file}"


def wrong_in(query: str) -> list[str]:
    """Return what of a query Logs Insights would not take, as far as it is plain."""
    comment, *lines = query.splitlines()
    wrong = [] if comment.startswith("# ") else ["it does not say whose it is"]
    for line in re.sub(r",\n\s+", ", ", "\n".join(lines)).splitlines():
        for part in re.split(r"\s*\|\s*", line.removeprefix("|").strip()):
            word = part.split()[0]
            if word not in COMMANDS:
                wrong.append(f"{word} is no command")
    called = re.findall(r"(\w+)\(", query)
    wrong += [f"{function} is no function" for function in called if function not in FUNCTIONS]
    wrong += [f"{a}{b} do not match" for a, b in ("()", "[]") if query.count(a) != query.count(b)]
    wrong += [f"{quote} does not end" for quote in ('"', "/") if query.count(quote) % 2]
    return wrong


def test_every_query_is_one(book: list[Page]) -> None:
    found = [(page.title, query) for page in book for query in page.blocks("text")]
    assert found
    wrong = {title: said for title, query in found if (said := wrong_in(query))}
    assert wrong == {}
    for title, query in found:
        assert query.startswith(f"# {title}\n")


def test_what_the_commands_need_is_named_before_them(book: list[Page]) -> None:
    head = book[0].text
    assert "version 2 of the AWS CLI" in head
    assert "`aws sts get-caller-identity`" in head


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("lambdas list-functions", "there is no service lambdas"),
        ("lambda list-function", "lambda has no list-function"),
        ("lambda get-alias --function-name f", "GetAlias needs ['Name']"),
        ("lambda get-policy --function f", "GetPolicy has no --function"),
        ("lambda get-policy --function-name f g", "--function-name takes 1 values"),
        ("sqs receive-message --queue-url u --attribute-names Everything", "is one of"),
        ("cloudformation wait stack-rolled-back --stack-name s", "cannot wait for stack-rolled"),
        ("dynamodb wait table-exists", "DescribeTable needs ['TableName']"),
        ("lambda get-account-settings --query AccountLimit[", "this is no JMESPath"),
        ("lambda get-account-settings --query Limits", "answers nothing for Limits"),
        ("scheduler list-schedules --query Schedules[].[Name,Status]", "answers nothing for"),
        ("logs tail --since 1h", "logs tail does not take"),
        ("lambda get-account-settings --max-items 5", "has no --max-items"),
    ],
)
def test_what_the_aws_cli_would_refuse_is_found(words: str, told: str) -> None:
    with pytest.raises(WrongError) as error:
        read(["aws", *words.split()])
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("undo ENV=$ENV", "there is no `make undo`"),
        ("redrive ENV=$ENV", "redrive needs FN="),
        ("redrive ENV=prod FN=worker", "it does not take the environment of the shell"),
        ("redrive ENV=$ENV FN=nobody", "there is no function 'nobody'"),
        ("redrive ENV=$ENV FN=worker SINCE=1h", "redrive takes no SINCE="),
    ],
)
def test_what_make_would_refuse_is_found(render: Render, words: str, told: str) -> None:
    command = Command("page", ("make", *words.split()))
    assert wrong_with(command, targets(render()), {"worker", "items-service"}) == [told]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("filter a", "it does not say whose it is"),
        ("# x\nwhere a", "where is no command"),
        ("# x\nstats total(a)", "total is no function"),
        ("# x\nstats pct(a, 99", "() do not match"),
        ('# x\nfilter a = "b', '" does not end'),
    ],
)
def test_what_logs_insights_would_refuse_is_found(query: str, told: str) -> None:
    assert told in wrong_in(query)
