"""What the pages of the reference have in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from docs.written.facts import Row


def page(sources: str, lines: Iterable[str]) -> str:
    head = f"<!-- Written by docs/generate.py from {sources}: change those, then `make docs`. -->"
    return "\n".join([head, "", *lines]) + "\n"


def settings(rows: Row) -> Iterator[str]:
    for name, row in rows.items():
        limits = f"like `{row['example']}`" if row["type"] == "text" else bounds(row)
        distinct = " No two functions may have the same." if row.get("distinct") else ""
        cells = f"`{row['default']}` | {limits} | {row['unit']} | {row['meaning']}{distinct}"
        yield f"| `{name}` | {cells} |"


def bounds(row: Row) -> str:
    return f"{row['minimum']} to {row['maximum']}"
