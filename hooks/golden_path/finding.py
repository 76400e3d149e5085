"""What a rule reports."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True, order=True)
class Finding:
    """One breach of one rule, at one place of a source file."""

    file: str
    line: int
    rule: str
    resource: str
    problem: str
    mend: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.rule} {self.resource}: {self.problem} {self.mend}"

    def as_dict(self) -> dict[str, str | int]:
        """The finding as JSON carries it."""
        return asdict(self)
