"""Reads from the template which rules a resource is excused from, and why.

    Metadata:
      golden-path:
        GP601: Anybody may read the price list.

On a resource it counts for that resource and for all that SAM derives from it; at the top of
the template it counts for what no resource of the template stands for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from golden_path.document import Document
from golden_path.finding import Finding
from golden_path.intrinsics import dig

KEY = "golden-path"
# Long enough that it has to be a reason: "legacy" explains nothing to the next reader.
SHORTEST_REASON = 10


@dataclass(frozen=True)
class Suppression:
    """One entry under `Metadata: golden-path:`."""

    resource: str
    rule: str
    reason: Any
    path: tuple[str, ...]

    @property
    def reasoned(self) -> bool:
        """Whether it says why."""
        return isinstance(self.reason, str) and len(self.reason.strip()) >= SHORTEST_REASON

    @property
    def of_suppressions(self) -> bool:
        """Whether it names a rule on suppressions, which nothing excuses."""
        return self.rule.startswith("GP0")

    def excuses(self, finding: Finding, resources: dict[str, Any]) -> bool:
        """Whether the finding is the one meant."""
        if self.of_suppressions or not self.reasoned:
            return False
        owner = finding.resource if finding.resource in resources else ""
        return self.rule == finding.rule and self.resource == owner


def of(source: Document) -> Iterator[Suppression]:
    """All suppressions of a template; what is no mapping counts as one without rule or reason."""
    resources = dig(source.data, "Resources")
    places = [("", ("Metadata", KEY))] + [
        (str(logical_id), ("Resources", str(logical_id), "Metadata", KEY))
        for logical_id in (resources if isinstance(resources, dict) else {})
    ]
    for resource, path in places:
        entries = dig(source.data, *path)
        if isinstance(entries, dict):
            for rule, reason in entries.items():
                yield Suppression(resource, str(rule), reason, (*path, str(rule)))
        elif entries is not None:
            yield Suppression(resource, str(entries), None, path)
