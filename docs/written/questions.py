"""The page of the questions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from docs.written.facts import ROOT, Row, kind_names, load
from docs.written.pages import page, settings


def questions() -> str:
    """Return the page of the questions, in the order in which they are asked."""
    asked = {
        name: question
        for name, question in load("copier.yml").items()
        if not name.startswith("_") and question.get("when") is not False
    }
    kinds = ", ".join(f"[`{kind}`](kinds.md#{kind})" for kind in kind_names())
    lines = [
        "# Questions",
        "",
        "Each is answered at the prompt, by `-d NAME=ANSWER`, or in a file for `--data-file`.",
        "An answer that is not valid is refused before a file is written, in one line.",
        "",
        "| name | question |",
        "|---|---|",
        *(f"| [`{name}`](#{name}) | {_help(row)} |" for name, row in asked.items()),
    ]
    for name, question in asked.items():
        lines += ["", f"## `{name}`", "", _help(question), "", *_question(name, question)]
    lines += [
        "",
        "## A function's entry",
        "",
        "`functions` maps the name of each function to its kind of trigger, or to an entry:",
        "",
        "```yaml",
        "functions:",
        "  orders: http_api",
        "  shipping: {trigger: sqs, timeout: 120, alarms: {age: 1800}}",
        "```",
        "",
        "A name has at most 32 characters: lower-case letters, digits, and single hyphens or",
        "underscores between them. It begins with a letter and is no reserved word of Python.",
        "",
        "| setting | default | limits | unit | meaning |",
        "|---|---|---|---|---|",
        f"| `trigger` | | {kinds} | | What invokes the function. |",
        *settings(load("template/settings.yml")),
        "| `alarms` | | | | Thresholds by signal, see the alarms of its kind. |",
        "| `secrets` | none | names in `secrets` | | The secrets that it may read. |",
        "| `id` | the name | like a name | | Logical ids derive from it; a rename keeps it. |",
        "",
        "A [kind of trigger](kinds.md) may narrow a default or a limit, and adds its own settings.",
        "",
        "## Levels of secrets",
        "",
        "`secrets` maps the name of each secret to its level, or to an entry:",
        "",
        "```yaml",
        "secrets:",
        "  partner-url: low",
        "  partner-token: medium",
        "  payment-key: {level: high, rotate: 30}",
        "```",
        "",
        "A name has at most 32 characters: lower-case letters, digits, and single hyphens between",
        "them. In capitals it becomes a variable, and may not be one that Lambda or the template",
        "sets. `rotate` is a number of days, 1 to 1000, at level high only.",
        "",
        "| level | for | kept in | meaning |",
        "|---|---|---|---|",
        *(
            f"| `{level}` | {row['title']} | {row['where']} | {row['meaning']} |"
            for level, row in load("template/secrets/levels.yml").items()
        ),
    ]
    return page("copier.yml, template/settings.yml and secrets/levels.yml", lines)


def _help(question: Row) -> str:
    return re.sub(r"\{\{ service_name \}\}", "the service", question["help"])


def _question(name: str, question: Row) -> Iterator[str]:
    if offered := question.get("choices"):
        offered = choices(offered)
        several = "one or more" if question.get("multiselect") else "one"
        named = offered.items() if isinstance(offered, dict) else ((None, one) for one in offered)
        yield f"- Choices, {several} of:"
        for label, choice in named:
            yield f"  - `{choice}`" + (f": {label}" if label else "")
        for choice, ends in _retired().items() if name == "runtime" else ():
            yield f"  - `{choice}`: only where a service has it already: AWS ends it on {ends}"
    else:
        yield f"- Type: {'mapping' if question['type'] == 'yaml' else 'text'}"
    yield f"- Default: {_default(question['default'])}"
    if question.get("ask") is False:
        changed = "at first by [`names`](#names), later by `make add-function` and its siblings"
        by = f", {changed}" if name == "functions" else ""
        yield f"- Asked: never; given by `-d`{by}"
    elif condition := question.get("when"):
        yield f"- Asked when: `{_expression(condition)}`"
    else:
        yield "- Asked: always"
    if question.get("secret") or f'"{name}"' in _answers_file():
        yield "- Stored: no"


def choices(offered: Any) -> Any:
    """Return what everybody may choose: as it stands, or of Jinja, which may include a file."""
    if not isinstance(offered, str):
        return offered
    if included := re.search(r"include '(.*)'", offered):
        return load(included[1])
    return yaml.safe_load(offered.split("{%")[0])


def _answers_file() -> str:
    """Return the template of the answers that are stored, which names those that it leaves out."""
    return (ROOT / "template/project/{{ _copier_conf.answers_file }}.jinja").read_text()


def _retired() -> dict[str, str]:
    """Return the day on which AWS ends each runtime that is no choice any more."""
    languages = sorted((ROOT / "template/languages").glob("*/language.yml"))
    return {name: day for file in languages for name, day in load(file)["retired"].items()}


def _default(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(f"`{one}`" for one in value)
    if new := re.search(r"% if updating %.*% else %\}(.*)\{% endif", str(value)):
        return f"`{new[1]}`"
    if "{{" in str(value):
        return f"follows from `{_expression(value)}`"
    return f"`{value}`" if value != "" else "empty"


def _expression(jinja: str) -> str:
    """Return what stands in the last `{{ }}` of an answer that is computed."""
    return re.findall(r"\{\{ (.*?) \}\}", jinja)[-1]
