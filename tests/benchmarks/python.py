"""Python: functions as they are built, and without their compiled code, which nobody made ahead."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from tests.benchmarks.building import Builder, built_by_sam
from tests.benchmarks.rounds import Aim
from tests.benchmarks.starting import FLOOR, SAMPLES, Subject, controlled, of_service, starting
from tests.benchmarks.workplace import Workplace, run
from tests.runtime.clients import python_client
from tests.runtime.functions import Function

MOST_WITHOUT_TABLE = 1.5  # times the floor
# What a table costs at the least: the SDK's client and a write as large, without a service.
ALONE = """\
import os

import botocore.session

client = botocore.session.get_session().create_client("dynamodb")


def handler(event, context):
    values = {name: {"S": "a value of some length"} for name in "abcdefg"}
    put = {"Put": {"TableName": os.environ["TABLE_NAME"], "Item": values}}
    client.transact_write_items(TransactItems=[put, put])
"""
# The libraries of a service, for one line of the log and one set of metrics.
POWERTOOLS = """\
from aws_lambda_powertools import Logger, Metrics
from service.handlers.{0} import handler as call

logger = Logger()
metrics = Metrics()


@metrics.log_metrics(capture_cold_start_metric=True)
@logger.inject_lambda_context(clear_state=True)
def handler(event, context):
    call(event, context)
    metrics.add_metric("ItemsReceived", "Count", 1)
    logger.info("Answered", extra={{"status": 200}})
"""
BARE = """\
def handler(event, context):
    return event
"""
READING = """\
from service.adapters.secrets import Secret
from service.handlers import items

secret = Secret("{0}")


def handler(event, context):
    secret.used(len)
    return items.handler(event, context)
"""


def starting_python(
    workplace: Workplace, services: dict[str, Path], python: Path, rounds: int
) -> tuple[str, list[Aim]]:
    """Measure the functions of `services`, which are by their answers, on `python`."""
    bare = _bare(workplace.folder / "bare-python", python)
    subjects = controlled(FLOOR, Subject(bare, b"{}", FLOOR))
    for answers, service in services.items():
        handlers = service / "src" / "service" / "handlers"
        if "secrets" in answers:
            for secret in ("token", "key"):
                (handlers / f"reading_{secret}.py").write_text(READING.format(secret))
        elif "kinds" not in answers:
            name, call = ("alone", ALONE) if "dynamodb" in answers else ("bare", BARE)
            (handlers / f"{name}.py").write_text(call)
            (handlers / "powertools.py").write_text(POWERTOOLS.format(name))
        run([workplace.python, "tools/build.py", "--host"], service)
        subjects |= of_service(answers, service, MOST_WITHOUT_TABLE)
    usual, service = next(iter(services.items()))
    sources = service / ".build" / "local" / "sources"
    package = service / ".build" / "local" / "package"
    shutil.copytree(package, sources, ignore=shutil.ignore_patterns("__pycache__"))
    for name in (f"{module}, {usual}" for module in SAMPLES):
        subject = subjects[name]
        function = replace(subject.function, package=sources)
        subjects[f"{name}, not compiled"] = Subject(function, subject.event, name)
    runtime = python_client(workplace.uv(service), python, workplace.folder / "python-client")
    return starting("Python", subjects, runtime, rounds)


def builder(commands: Path, python: Path) -> Builder:
    """Return how Python's packages are built; SAM's builder finds pip among `commands`."""
    return Builder("Python", (python, "tools/build.py"), "pip", _derived, str(commands), 0.35)


def _bare(folder: Path, python: Path) -> Function:
    folder.mkdir()
    (folder / "bare.py").write_text(BARE)
    run([python, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", "."], folder)
    return Function(folder, "bare.handler", {})


def _derived(service: Path, folder: Path) -> None:
    """Put the sources and what they require into one folder, as SAM's builder expects."""
    sources = folder / "src"
    shutil.copytree(service / "src", sources, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(service / "requirements.txt", sources)
    template = (service / "template.yaml").read_text()
    (folder / "template.yaml").write_text(built_by_sam(template, lambda _: "", "src"))
