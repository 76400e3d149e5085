"""Write what follows from the template: pages of docs/reference, and facts for the rules.

python docs/generate.py            write it
python docs/generate.py --check    name what is not current, and end with 1
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import yaml
from golden_path.finding import Finding
from golden_path.rules import RULES, Rule
from golden_path.rules.data import REVIEWED_WILDCARDS
from golden_path.suppressions import SHORTEST_REASON

ROOT = Path(__file__).parent.parent
KINDS = ROOT / "template" / "kinds"
# In the order in which a newcomer looks for them.
GROUPS = ("requests", "messages", "time")

Row = dict[str, Any]


def questions() -> str:
    """Return the page of the questions, in the order in which they are asked."""
    asked = {
        name: question
        for name, question in _load("copier.yml").items()
        if not name.startswith("_") and question.get("when") is not False
    }
    kinds = ", ".join(f"[`{kind}`](kinds.md#{kind})" for kind in _kinds())
    lines = [
        "# Questions",
        "",
        "Each is answered at the prompt, by `-d NAME=ANSWER`, or in a file for `--data-file`.",
        "An answer that is not valid is refused before a file is written.",
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
        *_settings(_load("template/settings.yml")),
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
            for level, row in _load("template/secrets/levels.yml").items()
        ),
    ]
    return _page("copier.yml, template/settings.yml and secrets/levels.yml", lines)


def kinds() -> str:
    """Return the page of the kinds of trigger."""
    lines = [
        "# Kinds of trigger",
        "",
        "How Lambda invokes a function decides who notices a failure, and so what is wired:",
        "",
        "| invoked | on failure |",
        "|---|---|",
        *(f"| {way.replace('-', ' ')} | {row['failure']} |" for way, row in _ways().items()),
        "",
        "An alarm fires when its metric is at its threshold or over it in so many of the last",
        "periods. Its threshold is set in the function's entry, under `alarms`; that of an alarm",
        "which is there once, in `template.yaml`. Page: somebody is woken. Ticket: it can wait for",
        "the next working day. Where a message comes again soon, the number from which an alarm",
        "counts is raised above what one message can do alone. [Which alarm tells of",
        "what](alarms.md) was tried, fault by fault.",
    ]
    for kind in _kinds():
        facts = _load(f"template/kinds/{kind}/kind.yml")
        rows = _merged(_load("template/settings.yml"), facts["settings"])
        lines += [
            "",
            f"## `{kind}`",
            "",
            f"{facts['title']}. A function of this kind {facts['summary']}.",
            "",
            f"- Invoked: {facts['invoked'].replace('-', ' ')}.",
            f"- Name of its function, when no other is given: `{facts['default_name']}`.",
            f"- Idempotency key: {facts['idempotency_key']}.",
            "",
            "| setting | default | limits | unit | meaning |",
            "|---|---|---|---|---|",
            *_settings(rows),
            "",
            "| alarm | severity | threshold | limits | unit | metric | fires in | meaning |",
            "|---|---|---|---|---|---|---|---|",
            *_alarms(kind),
        ]
        patterns = [
            f"- `{name}`: `{row['pattern']}`" for name, row in rows.items() if "pattern" in row
        ]
        if patterns:
            lines += ["", "The form of its texts, as regular expressions:", "", *patterns]
    return _page("template/kinds/*/kind.yml, template/settings.yml and the tables of alarms", lines)


def rules() -> str:
    """Return the page of the rules."""
    known = sorted(RULES.values(), key=lambda rule: rule.id)
    lines = [
        "# Rules",
        "",
        "`golden-path check` translates a service's `template.yaml` as AWS does, and judges it by",
        "these rules, together with the stacks that deliver it, `pipeline/*.yaml`. Other",
        "templates, of SAM or of plain CloudFormation, are judged by name:",
        "`golden-path check FILE`.",
        "`golden-path rules` lists the rules. `--format json` is for programs.",
        "",
        "A finding has its line in the source, its rule, its resource, what is wrong and the cure:",
        "",
        "```text",
        str(_example()),
        "```",
        "",
        "Exit codes: 0 nothing was found, 1 something was found, 2 it could not be judged.",
        "",
        "## Suppressing a rule",
        "",
        f"A resource is excused from a rule by its metadata, with a reason of at least "
        f"{SHORTEST_REASON} characters:",
        "",
        "```yaml",
        "  PriceListApi:",
        "    Type: AWS::Serverless::HttpApi",
        "    Metadata:",
        "      golden-path:",
        "        GP601: Anybody may read the price list.",
        "```",
        "",
        "It counts for that resource and for what SAM derives from it. At the top of the",
        "template, `Metadata: {golden-path: {ID: reason}}` counts for what no resource of the",
        "template stands for. Nothing excuses from the rules on suppressions, GP0xx.",
        "",
        "## Reviewed wildcards",
        "",
        "In stacks beside the service, [GP112](#gp112) lets these pass, and no others: AWS gives",
        "the resource an id that nobody knows before. Where there is one, a condition on the key",
        "must tell whose it is.",
        "",
        "| resource | condition on | actions |",
        "|---|---|---|",
        *(
            f"| `{pattern}` | {f'`{key}`' if key else ''} | {', '.join(sorted(actions))} |"
            for pattern, key, actions in REVIEWED_WILDCARDS
        ),
        "",
        "## All rules",
        "",
        "| rule | title |",
        "|---|---|",
        *(f"| [{rule.id}](#{rule.id.lower()}) | {rule.title} |" for rule in known),
    ]
    for module, group in groupby(known, key=_concern):
        lines += ["", f"## {module}"]
        for rule in group:
            lines += ["", f"### {rule.id}", "", f"**{rule.title}.** {rule.why}"]
            lines += ["", f"To mend it: {rule.mend[0].lower()}{rule.mend[1:]}"]
    return _page("golden_path.rules", lines)


def rule_facts() -> str:
    """Return what the rules must know of the kinds: how each is fed, and what alarms watch of it.

    `watched` lists pairs of namespace and metric: of every function, of queues of dead letters, of
    functions that rotate, and by kind of its source, or of its function for its source's sake.
    """
    rotation = _load("template/rotation/alarms.yml")
    shared = [("function", row) for row in _load("template/alarms.yml").values()]
    watched: dict[str, list[list[str]]] = {}
    for of, row in [*shared, *(("rotation", row) for row in rotation.values())]:
        letters = "DeadLetters" in str(row["dimensions"])
        _watch(watched, "dead_letters" if letters else of, row)
    found = {}
    for kind in sorted(_kinds()):
        facts, own = _load(f"template/kinds/{kind}/kind.yml"), f"template/kinds/{kind}/alarms.yml"
        source = {name: value for name, value in facts["source"].items() if name != "words"}
        found[kind] = {"source": source, "watched": {}}
        for row in (_load(own) if (ROOT / own).exists() else {}).values():
            of = "function" if "FunctionName" in row["dimensions"] else "source"
            _watch(found[kind]["watched"], of, row)
    return json.dumps({"watched": watched, "kinds": found}, indent=2) + "\n"


def _watch(watched: dict[str, list[list[str]]], of: str, row: Row) -> None:
    """Note what an alarm watches, if the rules ask for it: no metrics of a version or of ours."""
    if not row.get("ours") and "version" not in row:
        metric = next(iter(row.get("metrics", {"": row.get("metric")}).values()))
        watched.setdefault(of, []).append([row["namespace"], metric])


def choices() -> str:
    """Return the kinds as the question offers them."""
    titles = {_load(f"template/kinds/{kind}/kind.yml")["title"]: kind for kind in _kinds()}
    head = "# Written by docs/generate.py from the kinds' folders: change those, then `make docs`."
    return f"{head}\n{yaml.safe_dump(titles, sort_keys=False, width=1000)}"


WRITTEN: dict[str, Callable[[], str]] = {
    "docs/reference/questions.md": questions,
    "docs/reference/kinds.md": kinds,
    "docs/reference/rules.md": rules,
    "hooks/golden_path/kinds.json": rule_facts,
    "template/choices.yml": choices,
}


def main() -> int:
    """Write all of it, or say what is not current."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, name what is stale")
    only_check = parser.parse_args().check
    stale = 0
    for name, page in WRITTEN.items():
        path, text = ROOT / name, page()
        if path.exists() and path.read_text() == text:
            continue
        stale += 1
        if only_check:
            print(f"{name} is not current: make docs", file=sys.stderr)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            print(f"{name} written")
    return int(only_check and stale > 0)


def _page(sources: str, lines: Iterable[str]) -> str:
    head = f"<!-- Written by docs/generate.py from {sources}: change those, then `make docs`. -->"
    return "\n".join([head, "", *lines]) + "\n"


def _load(path: str) -> Row:
    return yaml.safe_load((ROOT / path).read_text())


def _kinds() -> list[str]:
    """Return the kinds in the order in which they are offered: by group, then by title."""
    facts = {
        path.parent.name: yaml.safe_load(path.read_text()) for path in KINDS.glob("*/kind.yml")
    }
    return sorted(
        facts, key=lambda kind: (GROUPS.index(facts[kind]["group"]), facts[kind]["title"])
    )


def _ways() -> dict[str, Row]:
    """Return the ways in which functions of triggers are invoked, a caller that waits first."""
    names = {_load(f"template/kinds/{kind}/kind.yml")["invoked"] for kind in _kinds()}
    ordered = sorted(names, key=lambda way: (way != "synchronously", way))
    return {way: _load(f"template/ways/{way}/way.yml") for way in ordered}


def _help(question: Row) -> str:
    return re.sub(r"\{\{ service_name \}\}", "the service", question["help"])


def _question(name: str, question: Row) -> Iterator[str]:
    if offered := question.get("choices"):
        if isinstance(offered, str):  # those of a file that is included
            offered = _load(re.search(r"'(.*)'", offered)[1])
        several = "one or more" if question.get("multiselect") else "one"
        named = offered.items() if isinstance(offered, dict) else ((None, one) for one in offered)
        yield f"- Choices, {several} of:"
        for label, choice in named:
            value = choice["value"] if isinstance(choice, dict) else choice
            ends = _retired().get(value)
            what = f"only where a service has it already: AWS ends it on {ends}" if ends else label
            yield f"  - `{value}`" + (f": {what}" if what else "")
    else:
        yield f"- Type: {'mapping' if question['type'] == 'yaml' else 'text'}"
    yield f"- Default: {_default(question['default'])}"
    if question.get("ask") is False:
        by = ", or changed by `make add-function` and its siblings" if name == "functions" else ""
        yield f"- Asked: never; given by `-d`{by}"
    elif condition := question.get("when"):
        yield f"- Asked when: `{_expression(condition)}`"
    else:
        yield "- Asked: always"
    if question.get("secret"):
        yield "- Stored: no"


def _retired() -> dict[str, str]:
    """Return the day on which AWS ends each runtime that is no choice any more."""
    languages = (ROOT / "template/languages").glob("*/language.yml")
    return {name: day for file in languages for name, day in _load(file)["retired"].items()}


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


def _merged(common: Row, own: Row) -> Row:
    """Return the settings of a kind: the common ones as it narrows them, and its own."""
    return common | {name: common.get(name, {}) | row for name, row in own.items()}


def _settings(rows: Row) -> Iterator[str]:
    for name, row in rows.items():
        limits = f"like `{row['example']}`" if row["type"] == "text" else _limits(row)
        distinct = " No two functions may have the same." if row.get("distinct") else ""
        cells = f"`{row['default']}` | {limits} | {row['unit']} | {row['meaning']}{distinct}"
        yield f"| `{name}` | {cells} |"


def _alarms(kind: str) -> Iterator[str]:
    for signal, row in alarms(kind).items():
        given = [row["metric"]] if "metric" in row else row["metrics"].values()
        metrics = dict.fromkeys(one["metric"] if isinstance(one, dict) else one for one in given)
        namespace = row["namespace"].replace("<service>", "the service's")
        metric = f"{row['statistic']} of {namespace} {', '.join(metrics)}"
        if "floor" in row:
            metric += f", from {row['floor']} a period"
        if "below" in row:
            fires = f"so many periods of {row['period']} s"
            default = f"the longest rest of the schedule and {row['rest']}"
        else:
            fires = f"{row['breaching']} of {row['periods']} periods of {row['period']} s"
            default = f"`{row['threshold']}`"
        if "timeouts" in row:
            default += f", or {row['timeouts']} timeouts if that is more"
        if "lasting" in row:
            fires += f", or of {row['lasting']} timeouts if that is more"
        limits = f"once for the {row['whose']}" if "once" in row else _limits(row)
        cells = f"{row['severity']} | {default} | {limits} | {row['unit']} | {metric} | {fires}"
        yield f"| `{signal}` | {cells} | {row['meaning']} |"


def alarms(kind: str) -> dict[str, Row]:
    """Return the alarms of a kind: the shared ones in the way it is invoked, and its own."""
    invoked = _load(f"template/kinds/{kind}/kind.yml")["invoked"]
    way, rows = _load(f"template/ways/{invoked}/way.yml")["alarms"], _load("template/alarms.yml")
    shared = {signal: row | way[signal] for signal, row in rows.items() if signal in way}
    own = f"template/kinds/{kind}/alarms.yml"
    return shared | (_load(own) if (ROOT / own).exists() else {})


def _limits(row: Row) -> str:
    return f"{row['minimum']} to {row['maximum']}"


def _concern(rule: type[Rule]) -> str:
    """Return what a rule's module is about, which is what its docstring says."""
    return (sys.modules[rule.__module__].__doc__ or "").splitlines()[0].rstrip(".")


def _example() -> Finding:
    rule = RULES["GP201"]
    return Finding("template.yaml", 52, rule.id, "OrdersFunction", "It has no timeout.", rule.mend)


if __name__ == "__main__":
    sys.exit(main())
