"""A language is a folder: it changes in a template what its runtime must, and one more is added."""

import keyword
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import copier
import pytest
import yaml
from copier.errors import UserMessageError
from golden_path.check import check_service
from golden_path.document import Document
from golden_path.loading import load as load_module
from golden_path.template import translate

from docs.written.questions import choices
from tests.conftest import ROOT, Render, named_answers

# What a runtime must differ in, by where it stands in the translated template.
OF_THE_RUNTIME = re.compile(
    r"""
    Resources\.\w+Function\.Properties\.(
      Runtime | Handler | Code(\.\w+)? | Environment\.Variables\.NODE_OPTIONS
    )
    | Parameters\.LogLevel\.AllowedValues\.\d  # what the logger calls them
    """,
    re.VERBOSE,
)


def differences(one: Any, other: Any, where: str = "") -> Iterator[str]:
    """Yield each place where two documents differ."""
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        one, other = dict(enumerate(one)), dict(enumerate(other))
    if isinstance(one, dict) and isinstance(other, dict):
        for key in set(one) | set(other):
            yield from differences(one.get(key), other.get(key), f"{where}.{key}".strip("."))
    elif one != other:
        yield where


@pytest.mark.parametrize("answers", named_answers().values(), ids=named_answers())
def test_templates_differ_only_in_what_a_runtime_must_differ_in(
    render: Render, answers: dict[str, Any]
) -> None:
    one, other = (
        translate(Document.read(render(**answers | {"runtime": runtime}) / "template.yaml"))
        for runtime in ("python3.14", "nodejs24.x")
    )
    found = sorted(differences(one, other))
    assert [where for where in found if where.endswith(".Runtime")], "both are of one language"
    assert [where for where in found if not OF_THE_RUNTIME.fullmatch(where)] == []


# The smallest language there can be: it builds nothing, and its handlers do nothing.
FILES = {
    "languages/perl/language.yml": """\
title: Perl
runtime: perl{version}
newest: perl5.42
retired: {perl5.8: "2026-01-31"}
tools_python: ">=3.12"
hyphen: "_"
reserved: [sub]
code_uri: .build/package/{module}
handler: "{module}.handler"
hook: "{module}.handler"
variables: {}
log_levels: [DEBUG, INFO, WARN, ERROR]
error_name: error
manifest: cpanfile
locks: [cpanfile.snapshot]
source: "{module}.pl"
test: "{module}.t"
needs: perl {version}
package: one script a function
rotation_steps: [set_secret, try_secret]
""",
    "languages/perl/Makefile.jinja": """\
REQUIREMENTS := tools/requirements.txt
INTEGRATION_TESTS = prove tests/integration

.PHONY: setup
setup: .venv/.ready ## install what the commands below need, in this folder
""",
    "languages/perl/hooks.yaml.jinja": """\
      - id: perl
        name: perl -c
        entry: perl -c
        language: system
        files: \\.pl$
""",
    "project/{{ perl }}/cpanfile.snapshot": "# carton snapshot format: version 1.0\n",
    "project/{{ perl }}/src/service/handlers/"
    "{% yield fn from service.functions %}{{ fn.module }}{% endyield %}.pl.jinja": (
        '{% include "template/kinds/" ~ fn.trigger ~ "/perl/handler.pl.jinja" %}\n'
    ),
    "kinds/sqs/perl/handler.pl.jinja": "sub handler { } # {{ fn.name }}\n1;\n",
}


@pytest.fixture(scope="module")
def template(copier_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template with a language more: its folders, its runtime, its word and its lock."""
    folder = tmp_path_factory.mktemp("template") / "template"
    shutil.copytree(copier_template, folder, ignore=shutil.ignore_patterns(".git"))
    for name, text in FILES.items():
        path = folder / "template" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    questions = folder / "copier.yml"
    text = questions.read_text()
    for before, added in {
        '    "Python 3.12": python3.12\n': '    "Perl 5.42": perl5.42\n',
        "  - /package-lock.json\n": "  - /cpanfile.snapshot\n",
        """{% if '_commit' in _copier_conf.data %}/package-lock.json{% endif %}"\n""": (
            """  - "{% if '_commit' in _copier_conf.data %}/cpanfile.snapshot{% endif %}"\n"""
        ),
        "{{ '.' if service.language.name == 'nodejs' else '' }}\"\n": """
perl:
  type: str
  when: false
  default: "{{ '.' if service.language.name == 'perl' else '' }}"
""",
    }.items():
        assert text.count(before) == 1
        text = text.replace(before, before + added)
    questions.write_text(text)
    return folder


def test_a_language_is_added_by_its_folders_and_its_words(template: Path, tmp_path: Path) -> None:
    answers = {"runtime": "perl5.42", "functions": {"order-worker": "sqs"}}
    service = tmp_path / "service"
    copier.run_copy(str(template), service, data=answers, defaults=True, quiet=True, unsafe=False)
    text = (service / "template.yaml").read_text()
    assert "    Runtime: perl5.42\n" in text
    assert "      CodeUri: .build/package/order_worker\n" in text
    assert (service / "src/service/handlers/order_worker.pl").read_text().startswith("sub handler")
    assert not [path for path in service.rglob("src/**/*") if path.suffix in (".py", ".ts")]
    assert "prove tests/integration" in (service / "Makefile").read_text()
    assert "- id: perl\n" in (service / ".pre-commit-config.yaml").read_text()
    readme = (service / "README.md").read_text()
    assert "[`src/service/handlers/order_worker.pl`]" in readme
    assert re.findall(r"^\| `([^`/]+)` \| you", readme, re.MULTILINE) == [
        "cpanfile.snapshot",
        "AGENTS.md",
    ]
    assert check_service(service) == []


def test_a_name_is_refused_by_the_words_of_its_language(template: Path, tmp_path: Path) -> None:
    answers = {"runtime": "perl5.42", "functions": {"sub": "sqs"}}
    with pytest.raises(
        UserMessageError, match="Use another word than sub: it is a reserved word of Perl"
    ):
        copier.run_copy(
            str(template), tmp_path / "service", data=answers, defaults=True, quiet=True
        )


def test_the_template_names_no_language_outside_its_folders() -> None:
    languages = {path.name for path in (ROOT / "template/languages").iterdir()}
    own = languages | {f"{{{{ {name} }}}}" for name in languages}
    shared = [
        path
        for path in (ROOT / "template").rglob("*")
        if path.is_file()
        and path.suffix != ".pyc"
        and not own & set(path.parts)
        and path.suffix != ".txt"
    ]
    said = re.compile(rf"\{{[{{%][^}}]*\b({'|'.join(languages)})")
    named = [path.relative_to(ROOT) for path in shared if said.search(path.read_text())]
    assert named == [], "what belongs to a language stands outside its folders"


def test_each_language_has_its_word_and_its_runtimes() -> None:
    settings = yaml.safe_load((ROOT / "copier.yml").read_text())
    for language in (ROOT / "template/languages").iterdir():
        assert language.name in settings, f"no overlay of {language.name} is ever rendered"
        facts = yaml.safe_load((language / "language.yml").read_text())
        assert {f"/{lock}" for lock in facts["locks"]} <= set(settings["_skip_if_exists"])
        offered = choices(settings["runtime"]["choices"]).values()
        assert [one for one in offered if one.startswith(language.name)]


def test_the_words_of_python_are_all_that_it_has() -> None:
    # A name of a function has no capital letter.
    facts = yaml.safe_load((ROOT / "template/languages/python/language.yml").read_text())
    assert facts["reserved"] == [word for word in keyword.kwlist if word.islower()]


def test_what_is_loaded_leaves_no_byte_code_among_the_facts(tmp_path: Path) -> None:
    module = tmp_path / "language.py"
    module.write_text("MANIFEST = __file__\n")
    assert str(module) == load_module(module, "planted").MANIFEST
    assert list(tmp_path.iterdir()) == [module]
