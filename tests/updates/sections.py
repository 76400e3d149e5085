"""What a line of a rendered file belongs to: a resource, a statement, a job, a heading, a key.

A section is a path of names, the outermost first: `Resources`, `WorkerRole`, `Policies`, and on.
Comments and blank lines belong to nothing themselves: they stand between two sections.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache, partial
from itertools import pairwise
from pathlib import PurePath

Section = tuple[str, ...]

TOP: Section = ("",)
"""Where a line stands that is in no section."""

NAMED, UNNAMED = "- ", "~ "
"""How an item of a list begins: one without a name is known by its text alone."""

NAMES = ("Sid", "PolicyName", "Name", "name", "Id", "id", "Key", "uses", "AttributeName")
"""What names an item, the best first."""

REFERRED = ("Resources", "Parameters", "Outputs", "Conditions", "Mappings", "jobs")
"""The keys of these are names that others refer to."""

KEY = re.compile(r"""("[^"]*"|[^\s#'"{\[-][^#]*?):(?:\s|$)""")
BLOCK = re.compile(r": [|>][-+]?$")
TRAILING = re.compile(r"\s+#\s.*$")
TREES = (".yaml", ".yml", ".json")
COMMENT = {".ts": "//", ".md": None, ".json": None}
FLAT = {
    ".toml": re.compile(r"\[+([^\]]+)\]+$"),
    ".txt": re.compile(r"([\w.-]+)(?:\[.*\])?=="),
    "": re.compile(r"(\.PHONY: \S+|[\w.%/()$-]+)\s*(?:$|[:?+]|=)|\[(.+)\]$"),
}
NESTED = {
    ".py": re.compile(r"(?:async )?(?:def|class) (\w+)|([A-Z]\w+)(?:: .+?)? = "),
    ".ts": re.compile(
        r"(?:export )?(?:default )?(?:async )?(?:function|class|const|interface|type) (\w+)"
        r"|(?:test|describe)\((.+)"
    ),
}


def places(path: str, lines: list[str]) -> list[tuple[Section, ...]]:
    """Return for each line of a file the section that it is in, or the two that it is between."""
    kinds: dict[str, Callable[[list[str]], Iterator[Section]]] = {
        **dict.fromkeys(TREES, _tree),
        **{kind: partial(_nested, heads=heads) for kind, heads in NESTED.items()},
        **{kind: partial(_flat, heads=heads) for kind, heads in FLAT.items()},
        ".md": _headings,
    }
    sections = [one or TOP for one in kinds.get(_suffix(path), kinds[""])(lines)]
    written = [at for at, line in enumerate(lines) if line.strip() and not is_comment(path, line)]
    found: list[tuple[Section, ...]] = [(section,) for section in sections]
    for above, below in pairwise([-1, *written, len(lines)]):
        before = sections[above] if above >= 0 else ("the beginning",)
        behind = sections[below] if below < len(lines) else ("the end",)
        found[above + 1 : below] = [(before, behind)] * (below - above - 1)
    return found


def is_comment(path: str, line: str) -> bool:
    mark = COMMENT.get(_suffix(path), "#")
    return mark is not None and line.lstrip().startswith(mark)


@cache
def _suffix(path: str) -> str:
    return PurePath(path).suffix


def without_comments(path: str, lines: list[str]) -> list[str]:
    """Return what is left of lines when nobody comments on anything."""
    if COMMENT.get(_suffix(path), "#") != "#":
        return [line for line in lines if not is_comment(path, line)]
    return [TRAILING.sub("", line) for line in lines if not is_comment(path, line)]


def is_named(path: str, section: Section, depth: int) -> bool:
    """Tell whether what a section has at a depth has a name that others know it by."""
    name = section[depth]
    of_a_tree = _suffix(path) in TREES
    return not of_a_tree or depth == 0 or name.startswith(NAMED) or section[depth - 1] in REFERRED


def is_code(path: str) -> bool:
    """Tell whether a section is but a piece of code, which a release may cut otherwise."""
    return _suffix(path) in NESTED or PurePath(path).name == "Makefile"


def _tree(lines: list[str]) -> Iterator[Section]:
    """Follow keys and items of YAML and JSON by their indentation."""
    path: list[tuple[float, str]] = []
    seen: Counter[Section] = Counter()
    block = None
    for at, line in enumerate(lines):
        text = line.lstrip()
        level = len(line) - len(text)
        if block is not None and (not text or level > block):
            yield _names(path)
            continue
        block = level if BLOCK.search(TRAILING.sub("", line)) else None
        if text.startswith("- "):
            path = _above(path, level + 0.5)
            if KEY.match(text[2:]):
                name = _item(lines, at, level)
                seen[(*_names(path), name)] += 1
                number = seen[(*_names(path), name)]
                path.append((level + 0.5, name if number == 1 else f"{name} ({number})"))
            level, text = level + 2, text[2:]
        elif text and not text.startswith(("#", "}", "]")):
            path = _above(path, level)
        else:
            path = _above(path, level + 1) if text.startswith(("}", "]")) else path
        if key := KEY.match(text):
            path.append((level, key[1].strip('"')))
        yield _names(path)


def _item(lines: list[str], at: int, level: int) -> str:
    """Return what an item of a list is known by."""
    body = [lines[at][level + 2 :]]
    for line in lines[at + 1 :]:
        if line.strip() and not line.startswith(" " * (level + 2)):
            break
        body.append(line[level + 2 :])
    given = dict(re.findall(r"^(\w+): (.+?)(?:@\w+)?(?:\s+#\s.*)?$", "\n".join(body), re.MULTILINE))
    for name in NAMES:
        if name in given:
            return f"{NAMED}{name}: {given[name]}"
    return UNNAMED + " ".join(TRAILING.sub("", line.strip()) for line in body).strip()


def _headings(lines: list[str]) -> Iterator[Section]:
    """Follow Markdown's headings; what stands in a fence is none."""
    path: list[tuple[float, str]] = []
    fenced = False
    for line in lines:
        fenced ^= line.lstrip().startswith("```")
        if not fenced and (head := re.match(r"(#+) (.*)", line)):
            path = [*_above(path, len(head[1])), (len(head[1]), head[2])]
        yield _names(path)


def _nested(lines: list[str], heads: re.Pattern[str]) -> Iterator[Section]:
    """Follow functions and classes by their heads and their indentation."""
    path: list[tuple[float, str]] = []
    for at, line in enumerate(lines):
        text = line.lstrip()
        level = len(line) - len(text)
        if text and not text.startswith((")", "]", "}", "#", "//")):
            path = _above(path, level)
            decorated = text.startswith("@")
            while decorated and text.startswith((" ", "@", ")")) and at + 1 < len(lines):
                at += 1
                text = lines[at][level:]
            if head := heads.match(text):
                path.append((level, next(name for name in head.groups() if name)))
        yield _names(path)


def _flat(lines: list[str], heads: re.Pattern[str]) -> Iterator[Section]:
    """Follow targets, tables and packages: each reaches to the next one."""
    section: Section = ()
    for line in lines:
        if head := heads.match(line):
            section = (next(name for name in head.groups() if name),)
        yield section


def _above(path: list[tuple[float, str]], level: float) -> list[tuple[float, str]]:
    return [one for one in path if one[0] < level]


def _names(path: list[tuple[float, str]]) -> Section:
    return tuple(name for _, name in path)
