"""The page of the kinds of trigger."""

from __future__ import annotations

from collections.abc import Iterator

from docs.written import facts as known
from docs.written.facts import alarms, kind, kind_names, metrics, ways
from docs.written.pages import bounds, page, settings


def kinds() -> str:
    """Return the page of the kinds of trigger."""
    lines = [
        "# Kinds of trigger",
        "",
        "How Lambda invokes a function decides who notices a failure, and so what is wired:",
        "",
        "| invoked | on failure |",
        "|---|---|",
        *(f"| {way.replace('-', ' ')} | {row['failure']} |" for way, row in ways().items()),
        "",
        "An alarm fires when its metric is at its threshold or over it in so many of the last",
        "periods. Its threshold is set in the function's entry, under `alarms`; that of an alarm",
        "which is there once, in `template.yaml`. Page: somebody is woken. Ticket: it can wait for",
        "the next working day. Where a message comes again soon, the number from which an alarm",
        "counts is raised above what one message can do alone. [Which alarm tells of",
        "what](alarms.md) was tried, fault by fault.",
    ]
    for name in kind_names():
        facts = kind(name)
        rows = known.settings(name)
        lines += [
            "",
            f"## `{name}`",
            "",
            f"{facts['title']}. A function of this kind {facts['summary']}.",
            "",
            f"- Invoked: {facts['invoked'].replace('-', ' ')}.",
            f"- Name of its function, when no other is given: `{facts['default_name']}`.",
            f"- Idempotency key: {facts['idempotency_key']}.",
            *(
                f"- Paid though nothing runs: {row['cents'] / 100:.2f} dollars a month for each of "
                f"its [{row['what']}]({row['page']}){row['note']}."
                for row in facts.get("costs", [])
            ),
            "",
            "| setting | default | limits | unit | meaning |",
            "|---|---|---|---|---|",
            *settings(rows),
            "",
            "| alarm | severity | threshold | limits | unit | metric | fires in | meaning |",
            "|---|---|---|---|---|---|---|---|",
            *_alarms(name),
        ]
        patterns = [
            f"- `{key}`: `{row['pattern']}`" for key, row in rows.items() if "pattern" in row
        ]
        if patterns:
            lines += ["", "The form of its texts, as regular expressions:", "", *patterns]
    return page("template/kinds/*/kind.yml, template/settings.yml and the tables of alarms", lines)


def _alarms(name: str) -> Iterator[str]:
    for signal, row in alarms(name).items():
        namespace = row["namespace"].replace("<service>", "the service's")
        metric = f"{row['statistic']} of {namespace} {', '.join(dict.fromkeys(metrics(row)))}"
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
        if "deliveries" in row:
            default += ", or as long as all deliveries of a message take if that is more"
        if "lasting" in row:
            fires += f", or of {row['lasting']} timeouts if that is more"
        limits = f"once for the {row['whose']}" if "once" in row else bounds(row)
        cells = f"{row['severity']} | {default} | {limits} | {row['unit']} | {metric} | {fires}"
        yield f"| `{signal}` | {cells} | {row['meaning']} |"
