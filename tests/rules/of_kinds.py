"""The defects that each kind names in its folder, for the function of the kind's default name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from tests.alarms import TEMPLATE, kinds
from tests.rules.mutants import Mutant


def default_name(kind: str) -> str:
    """The name that a function of the kind has when nobody gives another."""
    return yaml.safe_load((TEMPLATE / "kinds" / kind / "kind.yml").read_text())["default_name"]


def of_kind(kind: str) -> Iterator[Mutant]:
    """The mutants that stand in a kind's folder."""
    text = (TEMPLATE / "kinds" / kind / "mutants.yml").read_text()
    stem = "".join(word.capitalize() for word in default_name(kind).split("-"))
    rows: list[dict[str, Any]] = yaml.safe_load(text.replace("<stem>", stem))
    return (Mutant(**row) for row in rows)


MUTANTS_OF_KINDS = [mutant for kind in kinds() for mutant in of_kind(kind)]
