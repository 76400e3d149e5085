"""The defects that each kind names in its folder, for the function of the kind's default name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from docs.written.facts import KINDS, kind, kind_names, stem
from tests.rules.mutants import Mutant


def of_kind(name: str) -> Iterator[Mutant]:
    """The mutants that stand in a kind's folder."""
    text = (KINDS / name / "mutants.yml").read_text()
    own = text.replace("<stem>", stem(kind(name)["default_name"]))
    rows: list[dict[str, Any]] = yaml.safe_load(own)
    return (Mutant(**row, kind=name) for row in rows)


MUTANTS_OF_KINDS = [mutant for name in kind_names() for mutant in of_kind(name)]
