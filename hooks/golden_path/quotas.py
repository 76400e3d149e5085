"""The quotas of AWS, as `quotas.yml` lists them. The template's questions read that file too."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

import yaml


@dataclass(frozen=True)
class Quota:
    """How many of a unit AWS allows, and the page that says so."""

    most: int
    unit: str
    source: str

    def exceeded(self, count: int) -> str:
        """A sentence that says so, empty when the count is allowed."""
        return "" if count <= self.most else f"{count:,} {self.unit}: AWS allows {self.most:,}."


QUOTAS = {
    name: Quota(**row)
    for name, row in yaml.safe_load((files(__package__) / "quotas.yml").read_text("utf-8")).items()
}
