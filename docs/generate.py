"""Write what follows from the template: pages of docs/reference, choices, facts for the rules.

python -m docs.generate            write it
python -m docs.generate --check    name what is not current, and end with 1
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from docs.written import derived, kinds, questions, rules
from docs.written.facts import ROOT

WRITTEN: dict[str, Callable[[], str]] = {
    # Before the page of the questions, which offers them.
    "template/choices.yml": derived.choices,
    "docs/reference/questions.md": questions.questions,
    "docs/reference/kinds.md": kinds.kinds,
    # Before the rules' page, which the rules themselves read.
    "hooks/golden_path/kinds.json": derived.rule_facts,
    "docs/reference/rules.md": rules.rules,
}


def main() -> int:
    """Write all of it, or say what is not current."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, name what is stale")
    only_check = parser.parse_args().check
    stale = 0
    for name, page in WRITTEN.items():
        path, text = ROOT / name, page()
        if path.exists() and path.read_text() == text:
            continue
        stale += 1
        if only_check:
            print(f"{name} is not current: make docs", file=sys.stderr)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            print(f"{name} written")
    return int(only_check and stale > 0)


if __name__ == "__main__":
    sys.exit(main())
