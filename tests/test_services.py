"""Rendered services, set up and run with their own commands as their owner does."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from docs.written.facts import kind as facts
from docs.written.facts import kind_names
from tests.conftest import Render, SetUp
from tests.installed import INSTALLED
from tests.languages import NODE, Language, languages
from tests.runtime.template import functions_of


def make(service: Path, *words: str, fails: bool = False) -> str:
    environment = os.environ | {"NO_COLOR": "1"}
    done = subprocess.run(
        ["make", *words], cwd=service, env=environment, capture_output=True, text=True
    )
    assert bool(done.returncode) is fails, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module", params=languages(), ids=str)
def language(request: pytest.FixtureRequest) -> Language:
    return request.param


CALLED = {
    "cors": ["https://app.example.com"],
    "domain": {
        "prod": {
            "name": "api.example.com",
            "certificate": "arn:aws:acm:eu-west-1:111122223333:certificate/1",
            "zone": "Z0123456789ABC",
        }
    },
}
# Those of a service with a store pass where an answer set passes its own gate.
without_store = pytest.mark.parametrize("service", ["none"], indirect=True)


@pytest.fixture(
    scope="module", params=[pytest.param("dynamodb", marks=pytest.mark.all_rows), "none"]
)
def service(
    request: pytest.FixtureRequest,
    language: Language,
    set_up: SetUp,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A service in a folder of its own, set up."""
    folder = tmp_path_factory.mktemp("own")
    functions = {facts(kind)["default_name"]: kind for kind in kind_names()}
    if language.name == "nodejs":
        functions |= {"streamer": {"trigger": "function_url", "streaming": True}}
    answers = {"functions": functions, "data_store": request.param, **CALLED}
    return set_up(folder, *language.linters, runtime=language.runtime, **answers)


@pytest.fixture(scope="module")
def built(service: Path) -> Path:
    """The same, built: no test changes it."""
    make(service, "build")
    return service


@without_store
def test_its_own_tests_pass_and_cover_its_code(service: Path, language: Language) -> None:
    said = make(service, "test")
    assert int(re.search(language.passed, said)[1]) >= 25, said
    assert not re.search(r"\d skipped", said)
    assert float(re.search(language.coverage, said)[1]) >= 95, said


@pytest.mark.all_rows
def test_an_older_runtime_is_what_the_tests_run_on(set_up: SetUp, tmp_path: Path) -> None:
    service = set_up(tmp_path, runtime="nodejs22.x", functions={"worker": "sqs"}, delivery="none")
    make(service, "test")
    version = subprocess.run([service / NODE, "--version"], capture_output=True, text=True)
    assert version.stdout.startswith("v22.")


@without_store
def test_its_own_linters_find_nothing(service: Path) -> None:
    make(service, "lint")


@without_store
@pytest.mark.parametrize("language", languages()[:1], indirect=True, ids=str)
def test_types_are_checked_in_all_code_or_in_the_golden_paths(
    service: Path, render: Render
) -> None:
    # given a mistake of the team's, and one of the golden path's
    for path in ("handlers/report.py", "adapters/probe.py"):
        with (service / "src/service" / path).open("a") as module:
            module.write('\nTRIES: int = "three"\n')
    project = service / "pyproject.toml"
    now = project.read_text()
    # when all code is looked at, and then what is in a service that is older than the check
    told = make(service, "lint", fails=True)
    older = render(type_check="golden_path", data_store="none") / "pyproject.toml"
    project.write_text(older.read_text())
    told_of_ours = make(service, "types", fails=True)
    # then
    wrong = re.compile(r"^src/service/(.+):\d+: error: .*\[assignment\]$", re.MULTILINE)
    assert wrong.findall(told) == ["adapters/probe.py", "handlers/report.py"]
    assert wrong.findall(told_of_ours) == ["adapters/probe.py"]
    # and nothing is left of it for other tests
    project.write_text(now)
    for path in ("handlers/report.py", "adapters/probe.py"):
        module = service / "src/service" / path
        module.write_text(module.read_text().replace('\nTRIES: int = "three"\n', ""))


@pytest.mark.parametrize("language", languages()[:1], indirect=True, ids=str)
def test_a_python_package_holds_no_more_than_it_must(built: Path) -> None:
    names = [str(path.relative_to(built / ".build/package")) for path in files(built)]
    assert not [name for name in names if re.search(r"(^|/)tests?/|\.lock$|/RECORD$|^bin/", name)]
    sources = [name for name in names if name.endswith(".py")]
    compiled = [name for name in names if name.endswith(".pyc")]
    assert len(compiled) == len(sources) > 50, "code would be compiled at every cold start"
    data = {path.name for path in (built / ".build/package").glob("botocore/data/*/")}
    code = "".join(path.read_text() for path in (built / "src").rglob("*.py"))
    assert data <= set(re.findall(r'client\("(\w+)"', code)), "no client is made of the others"
    assert {"codedeploy", "lambda"} <= data, "those of the hook"


def files(service: Path) -> list[Path]:
    return [path for path in (service / ".build/package").rglob("*") if path.is_file()]


@pytest.mark.parametrize("language", languages()[1:], indirect=True, ids=str)
def test_a_package_of_typescript_holds_its_bundle_alone(built: Path) -> None:
    package, adapters = built / ".build/package", built / "src/service/adapters"
    kinds = {facts(kind)["default_name"]: kind.replace("_", "-") for kind in kind_names()}
    kinds["streamer"] = "function-url"
    assert {path.name for path in package.iterdir()} == {*kinds, "pre-traffic"}
    assert {path.suffix for path in files(built)} == {".mjs", ".map"}
    for module in package.glob("*/*.mjs"):
        code = module.read_text()
        imported = re.findall(r'(?:from|import)\(?"([^"]+)"', code)
        assert not [name for name in imported if not name.startswith("./")], "it is read whole"
        assert "AWS_SHARED_CREDENTIALS_FILE" not in code, "it looks for files of configuration"
        own = adapters / f"{kinds.get(module.parent.name, 'probe')}.ts"
        signs = (  # the SDK does
            (adapters / "store.ts").exists()
            or "@aws-sdk/" in own.read_text()
            or module.parent.name == "pre-traffic"
        )
        assert signs or '"node:crypto"' not in code, "it loads cryptography for nothing"


@pytest.mark.parametrize("language", languages()[1:], indirect=True, ids=str)
def test_an_error_names_its_line_of_typescript_and_libraries_have_no_map(built: Path) -> None:
    items = built / ".build/package/items"
    call = 'import("./items.mjs").then(({ handler }) => handler({}, {}))'
    command = [built / NODE, "--enable-source-maps", "--eval", call]
    environment = functions_of(built, "dev")["items"].variables | {"AWS_REGION": "eu-west-1"}
    done = subprocess.run(command, cwd=items, env=environment, capture_output=True, text=True)
    assert re.search(r"src/service/adapters/http-api\.ts:\d+", done.stderr), done.stderr
    assert json.loads((items / "items.mjs.map").read_text())["sources"]
    for path in (built / ".build/package").glob("*/*.map"):
        sources = json.loads(path.read_text())["sources"]
        assert not [name for name in sources if "node_modules" in name], "every start reads it"


@pytest.mark.parametrize("language", languages()[:1], indirect=True, ids=str)
def test_the_package_is_for_the_deployed_processor(built: Path) -> None:
    libraries = [path.name for path in files(built) if path.suffix == ".so"]
    assert libraries
    assert all("aarch64" in name for name in libraries)


@without_store
@pytest.mark.parametrize("changed", ["package", "template", "parameters"])
def test_every_change_is_a_new_release(built: Path, tmp_path: Path, changed: str) -> None:
    def release(folder: Path) -> str:
        command = [built / ".venv/bin/python", "tools/deploy.py", "dev", "--show"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
        return json.loads(done.stdout)["Release"]

    copied = shutil.copytree(built, tmp_path / "copied", ignore=shutil.ignore_patterns(*INSTALLED))
    before = release(copied)
    assert before == release(built), "the same sources give another release"
    if changed == "parameters":
        config = json.loads((copied / "config/dev.json").read_text())
        config["Parameters"]["LogLevel"] = "ERROR"
        (copied / "config/dev.json").write_text(json.dumps(config))
    else:
        path = {"package": min(files(copied)), "template": copied / "template.yaml"}[changed]
        with path.open("ab") as file:
            file.write(b"# changed\n")
    assert release(copied) != before


def test_a_missing_environment_is_told_with_those_there_are(built: Path) -> None:
    done = subprocess.run(
        [built / ".venv/bin/python", "tools/deploy.py", "moon", "--show"],
        cwd=built,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert done.stderr.startswith("Use ENV=dev or ENV=prod or ENV=staging")


# What SAM understands of the words that `make deploy` hands to it, by its own parsers.
UNDERSTOOD = """
import json, sys
sys.path.insert(0, "tools")
from deploy import sam_words
parameters, tags = json.load(sys.stdin)
words = sam_words(parameters, tags)
from samcli.cli.types import CfnParameterOverridesType, CfnTags
cut = words.index("--tags")
given = (CfnParameterOverridesType(), words[1:cut]), (CfnTags(), words[cut + 1 :])
print(json.dumps([kind.convert(tuple(values), None, None) for kind, values in given]))
"""


@pytest.fixture(scope="module")
def understood(
    set_up: SetUp, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., subprocess.CompletedProcess[str]]:
    service = set_up(tmp_path_factory.mktemp("sam"), ".tools/sam/.ready")

    def run(parameters: dict[str, Any], tags: dict[str, str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [".tools/sam/bin/python", "-c", UNDERSTOOD],
            cwd=service,
            input=json.dumps([parameters, tags]),
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_sam_understands_parameters_and_tags_as_they_are_written(understood: Any) -> None:
    texts = ["two words", "a=b", "a b=c", "https://x.example/?a=b&c=d e", "1 + 1 = 2, @ home", ""]
    quotes = ["it's", 'say "hi"', '"quoted"', "'", '"', "C:\\dir", '{"a": "b c"}', " a ", "a\tb\nc"]
    tags = {f"tag{number}": text for number, text in enumerate(texts)}
    parameters = {f"P{number}": text for number, text in enumerate([*texts, *quotes])}
    done = understood(parameters | {"Number": 5}, tags)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [parameters | {"Number": "5"}, tags]


@pytest.mark.parametrize("value", ["end\\", "a\\ b", 'a\\"b', "a\\'b"])
def test_what_sam_cannot_be_told_is_refused(understood: Any, value: str) -> None:
    done = understood({"Path": value}, {})
    assert done.returncode == 1
    assert done.stderr.startswith("Drop the backslash in Path")
