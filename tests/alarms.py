"""The tables of alarms as the template keeps them."""

from typing import Any

import yaml

from tests.conftest import ROOT

TEMPLATE = ROOT / "template"
ROTATION = "rotation"  # the one kind that is no trigger to choose


def table(kind: str) -> dict[str, dict[str, Any]]:
    """Return every alarm of a kind by its signal; `once` stands in those that it has once."""
    folder = TEMPLATE / kind if kind == ROTATION else TEMPLATE / "kinds" / kind
    invoked = yaml.safe_load((folder / "kind.yml").read_text())["invoked"]
    shared = yaml.safe_load((TEMPLATE / "alarms.yml").read_text())
    own = folder / "alarms.yml"
    way = yaml.safe_load((TEMPLATE / "ways" / invoked / "way.yml").read_text())["alarms"]
    return {signal: row | way[signal] for signal, row in shared.items() if signal in way} | (
        yaml.safe_load(own.read_text()) if own.exists() else {}
    )


def kinds() -> list[str]:
    return sorted(path.name for path in (TEMPLATE / "kinds").iterdir())


def metrics(row: dict[str, Any]) -> list[str]:
    """Return the names of the metrics that an alarm reads."""
    given = row["metrics"].values() if "metrics" in row else [row["metric"]]
    return [one["metric"] if isinstance(one, dict) else one for one in given]
