"""What a kind must bring, and that nobody else needs it: the folders are whole, and independent."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import copier
import jsonschema
import pytest
import yaml
from golden_path.document import Document
from golden_path.rules.data import SENDERS
from golden_path.template import translate

from docs.written.facts import KINDS, alarms, changes, kind_names, settings
from docs.written.facts import kind as facts
from tests.cloudwatch.model import WAYS
from tests.conftest import ROOT, Render
from tests.rules.of_kinds import of_kind

TEMPLATE = ROOT / "template"
SCHEMA = json.loads((TEMPLATE / "kind.schema.json").read_text())
SUFFIXES = {"python": "py", "nodejs": "ts"}

PARTS = {
    "kind.yml": "its facts",
    "function.yaml.jinja": "its block of template.yaml",
    "execution.yaml.jinja": "what the execution role may do for it",
    "diagram.jinja": "its lines of the README's diagram",
    "event.json.jinja": "a sample event of the real shape",
    "mutants.yml": "the defects that the rules must find in it",
    "loads.yml": "what comes to its functions in the tests of alarms",
}
PARTS_OF_A_LANGUAGE = {"adapter": "its adapter", "test_adapter": "the adapter's test"}
PARTS_OF_A_SHAPE = {"handler": "its handler", "test_handler": "the handler's test"}
# What describes a setting of each type.
NEEDED = {
    "whole": ("minimum", "maximum"),
    "text": ("pattern", "example"),
    "arn": ("service", "example"),
    "choice": ("choices",),
    "flag": (),
    "list": ("most", "pattern", "example"),
    "mapping": ("longest", "example"),
}


def missing(folder: Path, kind: str) -> Iterator[str]:
    """Yield a sentence for each part that a kind lacks in a template."""
    own = folder / "kinds" / kind
    for name, what in PARTS.items():
        if not (own / name).exists():
            yield f"{kind} needs {name}, {what}"
    shape = folder / "shapes" / facts(kind)["shape"]
    for language, suffix in SUFFIXES.items():
        for name, what in PARTS_OF_A_LANGUAGE.items():
            if not (own / language / f"{name}.{suffix}.jinja").exists():
                yield f"{kind} needs {language}/{name}.{suffix}.jinja, {what}"
        for name in (*PARTS_OF_A_SHAPE, "test_integration"):
            file = f"{language}/{name}.{suffix}.jinja"
            states = [
                shape / language / state / Path(file).name for state in ("stateful", "stateless")
            ]
            if not (own / file).exists() and not all(path.exists() for path in states):
                yield f"{kind} needs {file}, which its shape does not have"


@pytest.mark.parametrize("kind", kind_names())
def test_a_kind_is_described_as_the_schema_says(kind: str) -> None:
    files = {"kind.yml": SCHEMA}
    for name in ("changes", "loads"):
        if (KINDS / kind / f"{name}.yml").exists():
            files[f"{name}.yml"] = {"$ref": f"#/$defs/{name}", "$defs": SCHEMA["$defs"]}
    errors = [
        f"{kind}/{file} {error.json_path}: {error.message}"
        for file, schema in files.items()
        for error in jsonschema.Draft202012Validator(schema).iter_errors(
            yaml.safe_load((KINDS / kind / file).read_text())
        )
    ]
    assert errors == []
    for way, folder in (("invoked", "ways"), ("shape", "shapes")):
        assert (TEMPLATE / folder / facts(kind)[way]).is_dir(), f"{kind} is of no known {way}"
    if facts(kind)["shape"] == "step":
        assert {"poison", "step"} <= facts(kind)["testing"].keys(), (
            f"{kind} has no place of its key"
        )
    if facts(kind)["shape"] == "request":
        assert "words" in facts(kind)["source"], f"{kind} does not say what is called"
    if facts(kind)["shape"] == "work":
        assert {"record", "source"} <= facts(kind).keys(), f"{kind} does not say what it works off"
        assert "words" in facts(kind)["source"], f"{kind} does not say where its work comes from"
        place = facts(kind)["testing"]
        assert "record" in place, (
            f"{kind} does not say where in its event a {facts(kind)['record']} is"
        )
    assert facts(kind)["invoked"] in WAYS, f"tests/cloudwatch knows not what AWS measures of {kind}"


@pytest.mark.parametrize("kind", kind_names())
def test_a_kind_brings_each_of_its_parts(kind: str) -> None:
    assert list(missing(TEMPLATE, kind)) == []
    for name, row in settings(kind).items():
        needed = {*NEEDED[row["type"]], "unit", "meaning"}
        assert needed <= row.keys(), f"{kind} does not describe {name}"
    assert {path.name for path in (TEMPLATE / "languages").iterdir()} == SUFFIXES.keys()
    assert alarms(kind), f"{kind} has no alarm"
    alike = [
        other
        for other in kind_names()
        if facts(other)["default_name"] == facts(kind)["default_name"]
    ]
    assert alike == [kind], f"functions of {' and '.join(alike)} have the same default name"


@pytest.mark.parametrize("kind", kind_names())
def test_a_kind_says_what_a_change_of_its_resources_needs(kind: str, render: Render) -> None:
    service = render(functions={facts(kind)["default_name"]: kind})
    resources = translate(Document.read(service / "template.yaml"))["Resources"].values()
    types = {resource["Type"] for resource in resources}
    known = yaml.safe_load((ROOT / "tests/emulator/changes.yml").read_text()).keys()
    own = changes(kind).keys()
    lacking = sorted(types - known - own)
    assert not lacking, f"{kind} needs changes.yml, what a change of {', '.join(lacking)} needs"
    assert sorted(own - types) == [], f"{kind} has none of these, which stand in its changes.yml"
    assert sorted(own & known) == [], f"these stand in {kind}/changes.yml and in that of all kinds"


@pytest.mark.parametrize("kind", kind_names())
def test_a_kind_has_a_mutant_for_each_rule_that_reads_it(kind: str) -> None:
    given = facts(kind)["source"]
    needed = {"GP704"}
    needed |= {"GP121"} if "polls" in given else set()
    needed |= {"GP303"} if "partial_batches" in given else set()
    needed |= {"GP305"} if "keeps" in given else set()
    needed |= {"GP308"} if {type_ for type_, *_ in SENDERS} & {*given.get("keeps", ())} else set()
    needed |= {"GP504"} if "encrypted" in given else set()
    needed |= {"GP306", "GP307"} if facts(kind)["invoked"] == "by-stream" else set()
    rules = {mutant.rule for mutant in of_kind(kind)}
    assert needed <= rules, f"{kind} names no defect for {', '.join(sorted(needed - rules))}"


@pytest.mark.parametrize("folder", ["kinds", "ways"])
def test_letters_of_a_folder_are_said_and_there(folder: str) -> None:
    wrong = []
    for own in sorted((TEMPLATE / folder).iterdir()):
        said = yaml.safe_load((own / f"{folder[:-1]}.yml").read_text()).get("letters", False)
        if said is not (own / "letters.py").exists():
            wrong.append(f"{own.name} says letters: {said}")
    assert wrong == []


@pytest.mark.parametrize("kind", kind_names())
def test_what_a_source_gives_up_can_be_sent_again(kind: str) -> None:
    given = facts(kind)
    if "keeps" in given["source"]:
        assert "letters" in given, (
            f"{kind} needs letters.py, how what {given['title']} could not deliver is read"
        )
    if given["shape"] == "work":
        assert {"sender", "words"} <= given["source"].keys(), f"{kind} does not say who delivers"
        assert given["testing"].get("poison"), f"{kind} needs testing.poison"


@pytest.mark.parametrize("kind", kind_names())
def test_a_package_of_a_kind_is_in_no_service_without_it(kind: str, render: Render) -> None:
    own = {name for named in facts(kind)["nodejs"].get("packages", {}).values() for name in named}
    other = next(one for one in kind_names() if "packages" not in facts(one)["nodejs"])
    for triggers, expected in (([kind], own), ([other], set())):
        service = render(runtime="nodejs24.x", data_store="none", triggers=triggers)
        manifest = json.loads((service / "package.json").read_text())
        named = manifest["dependencies"].keys() | manifest["devDependencies"].keys()
        assert named & own == expected, f"{kind} names packages for services with {triggers}"
        lock = json.loads((service / "package-lock.json").read_text())["packages"]
        locked = {name for name in own if f"node_modules/{name}" in lock}
        assert locked == expected, f"lock the packages of {kind}: make locks"


def test_a_part_that_is_missing_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "template"
    shutil.copytree(TEMPLATE, folder)
    for name in ("event.json.jinja", "loads.yml", "nodejs/test_adapter.ts.jinja"):
        (folder / "kinds/sqs" / name).unlink()
    shutil.rmtree(folder / "shapes/request/python/stateless")
    assert list(missing(folder, "sqs")) == [
        "sqs needs event.json.jinja, a sample event of the real shape",
        "sqs needs loads.yml, what comes to its functions in the tests of alarms",
        "sqs needs nodejs/test_adapter.ts.jinja, the adapter's test",
    ]
    assert "http_api needs python/handler.py.jinja, which its shape does not have" in missing(
        folder, "http_api"
    )


def halves() -> Iterator[list[str]]:
    """Yield lists of kinds, of which one at least holds a kind and not another, whichever two."""
    numbered = list(enumerate(kind_names()))
    for digit in range((len(numbered) - 1).bit_length()):
        for side in (0, 1):
            yield [kind for number, kind in numbered if number >> digit & 1 == side]


@pytest.mark.parametrize("kinds", list(halves()), ids=" ".join)
def test_kinds_do_without_the_others(
    kinds: list[str], copier_template: Path, render: Render, tmp_path: Path
) -> None:
    folder = tmp_path / "template"
    shutil.copytree(copier_template, folder, ignore=shutil.ignore_patterns(".git"))
    choices = folder / "template/choices.yml"
    for kind in set(kind_names()) - set(kinds):
        shutil.rmtree(folder / "template/kinds" / kind)
        lines = choices.read_text().splitlines(keepends=True)
        choices.write_text("".join(line for line in lines if not line.endswith(f": {kind}\n")))

    answers = {"triggers": kinds, "delivery": "both"}
    service = tmp_path / "service"
    copier.run_copy(str(folder), service, data=answers, defaults=True, quiet=True, unsafe=False)

    whole = render(**answers)
    named = {path.relative_to(whole) for path in whole.rglob("*") if path.is_file()}
    assert named == {path.relative_to(service) for path in service.rglob("*") if path.is_file()}
    # These name the template and its release, or all that may be chosen.
    of_release = ("tools/rendered.yml", "tools/requirements-golden-path.txt")
    apart = (".copier-answers.yml", *of_release, "Makefile")
    for path in named - {Path(name) for name in apart}:
        text = (service / path).read_text().replace(str(folder), str(copier_template))
        assert text == (whole / path).read_text(), f"{path} is another"
