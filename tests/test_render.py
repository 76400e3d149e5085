"""Every render: files parse, are formatted, hold no leftover, and come out the same twice."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import copier
import pytest
import yaml
from allpairspy import AllPairs
from golden_path.check import check_service
from golden_path.document import Document
from golden_path.template import translate
from pytest_dir_equal import assert_dir_equal

from docs.written.facts import KINDS, kind_names
from docs.written.facts import kind as facts_of
from tests.conftest import Render, SetUp, named_answers, settings
from tests.languages import NODE
from tests.linting import linted

CHOICES: dict[str, list[Any]] = {
    "triggers": [[kind] for kind in kind_names()],
    "runtime": ["python3.14", "python3.13", "python3.12", "nodejs24.x", "nodejs22.x"],
    "architecture": ["arm64", "x86_64"],
    "data_store": ["dynamodb", "none"],
    "api_auth": ["iam", "jwt", "none"],
    "environments": [["dev", "staging", "prod"], ["prod"], ["dev", "prod"]],
    "alarm_email": ["", "team@example.com"],
}


def pairs() -> dict[str, dict[str, Any]]:
    """Return a set of answers for every pair of choices."""
    rows = AllPairs(list(CHOICES.values()), filter_func=_possible)
    return {
        f"pair-{number}": dict(zip(CHOICES, row, strict=True)) for number, row in enumerate(rows)
    }


def _possible(row: list[Any]) -> bool:
    """Whether what is called can judge tokens, where callers bring them."""
    given = dict(zip(CHOICES, row, strict=False))
    tokens = [facts_of(kind).get("tokens", "any") for kind in given["triggers"]]
    return given.get("api_auth") != "jwt" or {*tokens} <= {"any", "pool"}


def matrix(*, templates: bool = False, named: bool = False) -> Iterator[Any]:
    """Yield the named answer sets in each language, then a set for every pair of choices.

    Of the pairs `make test` has the rows with something that none before them has. A version of a
    runtime is seen once, and its language with every other choice. Where templates alone are looked
    at, languages are alike, and a named set is one row: their templates differ in what a runtime
    must differ in, which another test sees. Where nothing is judged but what stands in `named`
    sets, which have all that there is, alone and together, the pairs are left to `make test-all`.
    """
    for name, answers in named_answers().items():
        yield pytest.param(answers, id=name)
        twin = [pytest.mark.all_rows] if templates else []
        yield pytest.param(answers | {"runtime": "nodejs24.x"}, id=f"{name}-nodejs", marks=twin)
    seen: set[Any] = set()
    for name, answers in pairs().items():
        language = "any" if templates else re.match("[a-z]+", answers["runtime"])[0]
        choices = [f"{key}: {of}" for key, of in (answers | {"runtime": language}).items()]
        shown = {answers["runtime"], *combinations(choices, 2)}
        marks = [pytest.mark.all_rows] if named or shown <= seen else []
        yield pytest.param(answers, id=name, marks=marks)
        seen |= shown


@pytest.fixture(scope="module", params=matrix())
def service(request: pytest.FixtureRequest, render: Render) -> Path:
    return render(**request.param)


@pytest.fixture(scope="module", params=matrix(templates=True))
def templates(request: pytest.FixtureRequest, render: Render) -> Path:
    """A service whose templates are judged."""
    return render(**request.param)


@pytest.fixture(scope="module", params=matrix(templates=True, named=True))
def named(request: pytest.FixtureRequest, render: Render) -> Path:
    """A service of a named answer set, whose templates are judged by what takes its time."""
    return render(**request.param)


def texts(service: Path) -> Iterator[tuple[Path, str]]:
    for path in sorted(service.rglob("*")):
        if path.is_file():
            yield path.relative_to(service), path.read_text(encoding="utf-8")


class Loader(yaml.CSafeLoader):
    """Reads CloudFormation's short forms, and refuses a key that stands twice."""


def _mapping(loader: Loader, node: yaml.MappingNode) -> dict[str, Any]:
    keys = [loader.construct_object(key, deep=True) for key, _ in node.value]
    assert len(keys) == len(set(keys)), f"a key stands twice: {sorted(map(str, keys))}"
    return yaml.CSafeLoader.construct_mapping(loader, node, deep=True)


Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
Loader.add_multi_constructor("!", lambda _loader, tag, node: f"{tag} {node.value}")


def test_every_file_parses(service: Path) -> None:
    # Python is parsed by its formatter below: services are written for newer versions than ours.
    readers = {
        ".json": json.loads,
        ".toml": tomllib.loads,
        ".yaml": lambda text: yaml.load(text, Loader),
        ".yml": lambda text: yaml.load(text, Loader),
    }
    read = 0
    for path, text in texts(service):
        if path.suffix in readers:
            readers[path.suffix](text)
            read += 1
    assert read >= 5


@pytest.fixture(scope="module")
def biome(set_up: SetUp, tmp_path_factory: pytest.TempPathFactory) -> list[str | Path]:
    """The formatter and linter of a service in TypeScript."""
    service = set_up(tmp_path_factory.mktemp("biome"), runtime="nodejs24.x").resolve()
    return [service / NODE, service / "node_modules/@biomejs/biome/bin/biome", "ci"]


def test_every_file_is_formatted(
    service: Path, default_service: Path, biome: list[str | Path]
) -> None:
    # Tools are Python in every language, formatted as those of a service in Python are.
    ruff = [Path(sys.executable).with_name("ruff"), "--config", default_service / "pyproject.toml"]
    commands = [[*ruff, *words, "--no-cache"] for words in (["format", "--diff"], ["check"])]
    if (service / "biome.json").exists():
        commands.append(biome)
    for command in commands:
        done = subprocess.run(command, cwd=service, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    for path, text in texts(service):
        lines = text.split("\n")
        assert lines[-1] == "", f"{path} does not end with a newline"
        assert not text.endswith("\n\n"), f"{path} ends with a blank line"
        assert not [line for line in lines if line != line.rstrip()], f"{path}: trailing spaces"
        blanks = "\n\n\n\n" if path.suffix == ".py" else "\n\n\n"
        assert blanks not in text, f"{path} has stray blank lines"


def test_a_blank_line_stands_before_each_resource(templates: Path) -> None:
    for path in (templates / "template.yaml", *templates.glob("pipeline/*.yaml")):
        _, _, after = path.read_text().partition("\nResources:\n")
        resources = re.split(r"^\w", after, maxsplit=1, flags=re.MULTILINE)[0]
        assert re.search(r"^  \w+:$", resources, re.MULTILINE)
        joined = re.findall(r"^ {3,}.+\n(?:  #.+\n)*  (\w+):$", resources, re.MULTILINE)
        assert not joined, f"{path.name}: no blank line before {joined}"


def test_no_file_holds_a_leftover_of_jinja(service: Path) -> None:
    answers = yaml.safe_load((service / ".copier-answers.yml").read_text())
    hostile = set(re.findall(r"\{\{|\{%|\{#|%\}", answers["service_description"]))
    for path, text in texts(service):
        # Code and JSON have such braces of their own, mappings within a line of YAML close with
        # them; what the description brings, it brings.
        if path.suffix not in (".py", ".ts", ".json"):
            for leftover in {"{{", "{%", "{#", "%}"} - hostile:
                assert leftover not in text, f"{path} holds {leftover}"
    assert not [path for path, _ in texts(service) if re.search(r"[{}%]|jinja", str(path))]


def test_an_answer_of_no_leaves_no_trace(service: Path) -> None:
    answers = yaml.safe_load((service / ".copier-answers.yml").read_text())
    locks = re.compile("requirements|package-lock")
    everything = "\n".join(text for path, text in texts(service) if not locks.match(path.name))
    template = (service / "template.yaml").read_text()
    own = everything
    tools = service / "tools"
    # What knows AWS as a whole, whatever of it the service has.
    general = [*tools.glob("as_role.py"), *tools.glob("changes.py"), tools / "destroy.py"]
    for path in general:
        own = own.replace(path.read_text(), "")
    kinds = {settings(entry)["trigger"] for entry in answers["functions"].values()}
    own = own.replace("|".join(sorted(kind_names())), "")  # the kinds that may be added
    blocks = [(KINDS / kind / "function.yaml.jinja").read_text() for kind in kinds]
    tables = [block for block in blocks if "Type: AWS::DynamoDB::Table" in block]
    if answers["data_store"] == "none" and not tables:
        assert not re.search(r"dynamodb|TABLE_NAME|[Ii]dempot|\bStore\b", own)
    paths = set(service.rglob("*")) - {tools / "logs.py"}  # which reads those of any function
    named = {path.name.partition(".")[0].removeprefix("test_") for path in paths}
    for kind in set(kind_names()) - kinds:
        for name in (kind, kind.replace("_", "-")):
            assert name not in named, f"a file of {kind}, which nobody asked for"
        trace = facts_of(kind)["testing"]["trace"]
        assert not re.search(trace, template), f"a trace of {kind}, which nobody asked for"
    levels = {
        entry["level"] if isinstance(entry, dict) else entry
        for entry in answers["secrets"].values()
    }
    if not levels:
        assert not [path for path, _ in texts(service) if re.search("secret|rotat", path.name)]
        # What is left of the word: other tools' names, the root key of the emulator, and pages that
        # say how there is one, and where there is none.
        other = (
            "detect-secrets|make hooks|^hooks:|access_?key|root key|or secret |^ *secrets: {}$"
            "|keep-a-secret|^- No secret in code|GenerateSecret: false"
        )
        lines = [
            line for line in own.splitlines() if re.search("secret|rotate", line, re.IGNORECASE)
        ]
        assert [line for line in lines if not re.search(other, line, re.IGNORECASE)] == []
    assert ("ssm:" in template) is ("medium" in levels)
    assert ("secretsmanager" in template) is ("high" in levels)
    assert ("AlarmEmail" in template) is bool(answers["alarm_email"])
    assert ("PermissionsBoundary" in template) is bool(answers["permissions_boundary"])
    for environment in {"dev", "staging", "prod"} - set(answers["environments"]):
        assert not (service / "config" / f"{environment}.json").exists()
        # The development dependencies are called `dev` too, and so does a domain end.
        named = re.sub(
            r"^dev = \[$|/dev/(null|stdout)|--group dev|requirements-dev|--(omit|include)[= ]dev"
            r"|osv\.dev",
            "",
            own,
            flags=re.MULTILINE,
        )
        assert not re.search(rf"\b{environment}\b", named)


def test_nothing_stands_empty(service: Path) -> None:
    for path, text in texts(service):
        if path.suffix == ".md":
            prose = re.sub(r"```.*?```", "...", text, flags=re.DOTALL)
            for upper, lower in re.findall(r"^(#+) .+\n+(?=(#+) |\Z)", prose, re.MULTILINE):
                assert len(lower) > len(upper), f"{path} has an empty heading"
        answers = path.name in (".copier-answers.yml", "rendered.yml")
        if path.suffix in (".yaml", ".yml") and not answers:
            assert_no_empty_value(yaml.load(text, Loader), str(path))


def assert_no_empty_value(value: Any, where: str) -> None:
    assert value not in (None, {}, []), f"{where} is empty"
    if isinstance(value, dict | list):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            assert_no_empty_value(part, f"{where}.{key}")


def test_handlers_are_lean_and_the_domain_knows_nothing_of_aws(service: Path) -> None:
    for path in (service / "src/service/handlers").glob("*.py"):
        body = ast.parse(path.read_text()).body
        functions = [node for node in body if isinstance(node, ast.FunctionDef)]
        (function,) = [node for node in functions if node.name in ("handler", "set_secret")]
        assert function.end_lineno - function.lineno + 1 <= 20, f"{path.name} is no lean handler"
    for path in (service / "src/service/handlers").glob("*.ts"):
        _, _, handler = path.read_text().partition("\nexport const handler = ")
        statement = re.split(r"^[)}]", handler, maxsplit=1, flags=re.MULTILINE)[0]
        assert 1 <= statement.count("\n") <= 20, f"{path.name} is no lean handler"
    for path in (service / "src/service/domain").iterdir():
        assert not re.search(r"boto|aws|lambda_|service[./]adapters", path.read_text())


def test_cfn_lint_finds_nothing(named: Path) -> None:
    found = linted((named / "template.yaml").read_text(), region_of(named))
    assert not found, found


# It translates by itself what it is given; and stacks of delivery have tests of their own.
@pytest.mark.all_rows
def test_cfn_lint_finds_nothing_in_translation_and_delivery(templates: Path) -> None:
    translated = translate(Document.read(templates / "template.yaml"))
    stacks = [path.read_text() for path in sorted(templates.glob("pipeline/*.yaml"))]
    # W2001 of the translation: the transform has put `Release` into the versions' logical ids.
    for text, *ignored in (*([text] for text in stacks), (json.dumps(translated), "W2001")):
        assert not (found := linted(text, region_of(templates), *ignored)), found


def region_of(service: Path) -> str:
    return yaml.safe_load((service / ".copier-answers.yml").read_text())["aws_region"]


def test_the_rules_find_nothing(templates: Path) -> None:
    found = check_service(templates)
    assert not found, "\n".join(map(str, found))


@pytest.mark.parametrize("name", ["default", "tuned", "hostile"])
def test_two_renders_are_equal_to_the_byte(
    copier_template: Path, render: Render, tmp_path: Path, name: str
) -> None:
    answers = named_answers()[name]
    copier.run_copy(
        str(copier_template), tmp_path / "again", data=answers, defaults=True, quiet=True
    )
    assert_dir_equal(tmp_path / "again", render(**answers))


def test_the_order_of_the_functions_in_the_answers_does_not_matter(render: Render) -> None:
    one = render(functions={"b": "sqs", "a": "sqs"})
    other = render(functions={"a": "sqs", "b": "sqs"})
    assert_dir_equal(one, other)


@pytest.mark.parametrize("runtime", ["python3.14", "nodejs24.x"])
def test_hostile_text_arrives_as_it_was_written(render: Render, runtime: str) -> None:
    answers = named_answers()["hostile"] | {"runtime": runtime}
    service = render(**answers)
    description = " ".join(answers["service_description"].split())
    template = yaml.load((service / "template.yaml").read_text(), Loader)
    if runtime.startswith("python"):
        project = tomllib.loads((service / "pyproject.toml").read_text())["project"]
    else:
        project = json.loads((service / "package.json").read_text())
    tags = json.loads((service / "config/prod.json").read_text())["Tags"]
    assert template["Description"] == description
    assert project["description"] == description
    assert tags["owner"] == answers["owner"]
    readme = (service / "README.md").read_text()
    assert re.sub(r"\\(.)", r"\1", readme.splitlines()[2]).replace("\\", "") == description.replace(
        "\\", ""
    )


@pytest.mark.parametrize(("runtime", "most"), [("python3.14", 95), ("nodejs24.x", 112)])
def test_a_service_has_no_more_files_than_it_needs(render: Render, runtime: str, most: int) -> None:
    # The last to come: what was changed by hand, why a change set failed, which versions go, how
    # lines end, what compares calls with roles, what each sender leaves among the dead letters,
    # where the golden path is, what AWS refuses, logs, what an agent reads, types, what goes
    # with a stack, code that comes at once, and what is stopped. In TypeScript also what is a
    # section of another file in Python, or a fixture, and what a bundle can hold.
    service = render(runtime=runtime)
    assert len([path for path in service.rglob("*") if path.is_file()]) <= most
