"""What an invocation does: handlers on a service's own adapters, which really run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from docs.written.facts import kind as facts
from docs.written.facts import kind_names
from tests.cloudwatch.deployed import deployed
from tests.cloudwatch.metrics import Key, key
from tests.languages import NODE, Language
from tests.objects import kept
from tests.records import Event, event_of
from tests.runtime.template import functions_of

FOLDER = Path(__file__).parent
LONG_AGO = "1999-11-20T06:00:00Z"


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
        self._events, self._language = service / "events", language
        self.deployed = deployed(service)
        given = json.dumps({kind: facts(kind)["shape"] for kind in kind_names()})
        if language.name == "python":
            command = [service / ".venv/bin/python", "-P", FOLDER / "driver.py", given]
        else:
            driver = shutil.copy(FOLDER / "driver.ts", service / "driver.ts")
            command = [service / NODE, driver, given]
        variables = dict(next(iter(functions_of(service, "prod").values())).variables)
        variables |= {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1"}
        self._around = ExitStack()
        objects = self._around.enter_context(kept())
        self._process = subprocess.Popen(
            command,
            cwd=service,
            env=os.environ | variables | objects | {"PYTHONPATH": "src"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.known: dict[tuple[Any, ...], Outcome] = {}

    def close(self) -> None:
        """End the process."""
        self._process.stdin.close()
        self._process.wait()
        self._around.close()

    def invoke(self, kind: str, bad: tuple[bool, ...], function: str, version: str) -> Outcome:
        """Invoke a version of a function with pieces of work, each of which is bad or not."""
        key = kind, bad, function, version
        if key not in self.known:
            asked = {"kind": kind, "event": self._event(kind, bad)}
            self.known[key] = self._run(asked | {"function": function, "version": version})
        return self.known[key]

    def _event(self, kind: str, bad: tuple[bool, ...]) -> Event:
        module = self._language.module(facts(kind)["default_name"])
        event = json.loads((self._events / f"{module}.json").read_text(encoding="utf-8"))
        shape = facts(kind)["shape"]
        if shape == "work":
            pieces = [(str(place), "bad" if one else None) for place, one in enumerate(bad)]
            event = event_of(kind, event, pieces)
        elif any(bad):
            poison = facts(kind)["testing"].get("poison", {"time": LONG_AGO})
            event |= {"body": "bad"} if shape == "request" else poison
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
