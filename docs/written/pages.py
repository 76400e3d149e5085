"""What the pages of the reference have in common."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from docs.written.facts import Row


def page(sources: str, lines: Iterable[str]) -> str:
    head = f"<!-- Written by docs/generate.py from {sources}: change those, then `make docs`. -->"
    return "\n".join([head, "", *lines]) + "\n"


def settings(rows: Row) -> Iterator[str]:
    for name, row in rows.items():
        default = row["default"]
        told = default if isinstance(default, str) else json.dumps(default)
        distinct = " No two functions may have the same." if row.get("distinct") else ""
        shown = f"`{told}`" if told else "none"
        cells = f"{shown} | {_limits(row)} | {row['unit']} | {row['meaning']}{distinct}"
        yield f"| `{name}` | {cells} |"


def bounds(row: Row) -> str:
    return f"{row['minimum']} to {row['maximum']}"


def _limits(row: Row) -> str:
    match row["type"]:
        case "whole":
            return bounds(row)
        case "choice":
            return " or ".join(f"`{choice}`" for choice in row["choices"])
        case "flag":
            return "`true` or `false`"
        case "list":
            return f"at most {row['most']}, each like `{row['example']}`"
        case "mapping":
            return f"like `{row['example']}`, as JSON at most {row['longest']} characters"
    return f"like `{row['example']}`"
