"""What a runbook gives to type: its commands, in blocks and in sentences, and its queries."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
IN_A_SENTENCE = re.compile(r"`((?:make|aws) [^`]+)`")
PREPARED = re.compile(r"export |physical\(\) \{$|\}$")  # what prepares a shell, and is no command


@dataclass(frozen=True)
class Command:
    """A command of a page: its words, and whether a sentence only names it."""

    title: str
    words: tuple[str, ...]
    named: bool = False

    def __str__(self) -> str:
        return f"{self.title}: {shlex.join(self.words)}"


@dataclass(frozen=True)
class Page:
    """A page of a runbook, or what stands before the first one."""

    title: str
    text: str

    def blocks(self, language: str) -> Iterator[str]:
        """Yield the blocks of a language, without their margin."""
        for margin, kind, text in BLOCK.findall(self.text):
            if kind == language:
                yield re.sub(f"^{margin}", "", text, flags=re.MULTILINE)

    @property
    def prose(self) -> str:
        return BLOCK.sub("", self.text)

    def commands(self) -> Iterator[Command]:
        """Yield what is typed, in its order; then what its sentences name."""
        for block in self.blocks("sh"):
            for line in block.replace("\\\n", " ").splitlines():
                words = shlex.split(line, comments=True)
                if words and not PREPARED.match(line):
                    yield Command(self.title, tuple(words))
        for text in IN_A_SENTENCE.findall(self.prose):
            yield Command(self.title, tuple(shlex.split(text)), named=True)


def pages(service: Path) -> list[Page]:
    """Return the pages of a rendered service's runbook."""
    text = (service / "docs/runbook.md").read_text()
    _, first, *rest = re.split(r"^##? (.+)\n", text, flags=re.MULTILINE)
    head, *others = rest
    found = [Page(first, head)]
    for chapter in others[1::2]:
        parts = re.split(r"^### (.+)\n", chapter, flags=re.MULTILINE)
        found += [Page(*pair) for pair in zip(parts[1::2], parts[2::2], strict=True)]
    return found
