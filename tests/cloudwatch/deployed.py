"""What a rendered template says of a function, as far as what AWS does hangs on it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from golden_path.document import Document
from golden_path.intrinsics import text


@dataclass(frozen=True)
class Deployed:
    """One function."""

    timeout: int  # seconds
    event: dict[str, Any]  # the properties of what triggers it
    resources: dict[str, Any]

    def fed_by(self, name: str) -> str:
        """The logical id of what a property of its event names."""
        return re.split(r"[${}.]+", text(self.event[name]))[1]

    def properties(self, logical_id: str) -> dict[str, Any]:
        """The properties of a resource beside it."""
        return self.resources[logical_id]["Properties"]


def deployed(service: Path) -> dict[str, Deployed]:
    """The functions of a service by what their logical ids begin with."""
    resources = Document.read(service / "template.yaml").data["Resources"]
    return {
        logical_id.removesuffix("Function"): _function(body["Properties"], resources)
        for logical_id, body in resources.items()
        if body["Type"] == "AWS::Serverless::Function"
    }


def _function(own: dict[str, Any], resources: dict[str, Any]) -> Deployed:
    events = [event["Properties"] for event in own.get("Events", {}).values()]
    return Deployed(own["Timeout"], events[0] if events else {}, resources)
