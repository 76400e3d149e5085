"""The tables of alarms as the template keeps them."""

from docs.written.facts import ROOT, ROTATION, metrics
from docs.written.facts import alarms as table
from docs.written.facts import kind_names as kinds

TEMPLATE = ROOT / "template"

__all__ = ["ROTATION", "TEMPLATE", "kinds", "metrics", "table"]
