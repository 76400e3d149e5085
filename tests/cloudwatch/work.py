"""What an invocation does: handlers on a service's own adapters, which really run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.cloudwatch.metrics import Key, key
from tests.languages import NODE, Language
from tests.runtime.template import functions_of

FOLDER = Path(__file__).parent
EVENTS = {"items": "items", "report": "report", "worker": "worker"}


@dataclass(frozen=True)
class Outcome:
    """What came of an invocation: the error's name, what was answered, and what was written."""

    error: str | None
    answer: Any
    lines: tuple[dict[str, Any], ...]

    @cached_property
    def metrics(self) -> list[tuple[Key, float]]:
        """Each value in the embedded metric format, with its metric."""
        return [
            (
                key(directive["Namespace"], metric["Name"], **{name: line[name] for name in names}),
                value,
            )
            for line in self.lines
            for directive in line.get("_aws", {}).get("CloudWatchMetrics", [])
            for names in directive["Dimensions"]
            for metric in directive["Metrics"]
            for value in _values(line[metric["Name"]])
        ]


def _values(given: Any) -> list[float]:
    return given if isinstance(given, list) else [given]


class Handlers:
    """The handlers of one language in a process of their own; equal invocations run once."""

    def __init__(self, service: Path, language: Language) -> None:
        self._events = service / "events"
        if language.name == "python":
            command = [service / ".venv/bin/python", "-P", FOLDER / "driver.py"]
        else:
            driver = shutil.copy(FOLDER / "driver.ts", service / "driver.ts")
            command = [service / NODE, driver]
        variables = functions_of(service, "prod")["worker"].variables
        variables |= {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1"}
        self._process = subprocess.Popen(
            command,
            cwd=service,
            env=os.environ | variables | {"PYTHONPATH": "src"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.known: dict[tuple[Any, ...], Outcome] = {}

    def close(self) -> None:
        """End the process."""
        self._process.stdin.close()
        self._process.wait()

    def invoke(self, handler: str, bad: tuple[bool, ...], function: str, version: str) -> Outcome:
        """Invoke a version of a function with pieces of work, each of which is bad or not."""
        key = handler, bad, function, version
        if key not in self.known:
            asked = {"handler": handler, "event": self._event(handler, bad)}
            self.known[key] = self._run(asked | {"function": function, "version": version})
        return self.known[key]

    def _event(self, handler: str, bad: tuple[bool, ...]) -> dict[str, Any]:
        event = json.loads((self._events / f"{EVENTS[handler]}.json").read_text(encoding="utf-8"))
        if handler == "worker":
            sample = event["Records"][0]
            event["Records"] = [
                sample | {"messageId": str(place), "body": "bad" if one else "good"}
                for place, one in enumerate(bad)
            ]
        elif handler == "items":
            event["body"] = "bad" if any(bad) else "good"
        elif any(bad):
            event["time"] = "1999-11-20T06:00:00Z"
        return event

    def _run(self, asked: dict[str, Any]) -> Outcome:
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        lines = []
        for line in self._process.stdout:
            read = json.loads(line)
            if "outcome" in read:
                return Outcome(**read["outcome"], lines=tuple(lines))
            lines.append(read)
        raise RuntimeError(f"the handlers have ended at {asked}")
