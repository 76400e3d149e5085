"""Logs and metrics: one logger and one set of metrics, flushed once an invocation."""

import gc

# What is made while the code loads stays: to look for garbage among it only delays a cold start.
# `instrumented`, the last step of loading a handler, turns collection on again.
gc.disable()

import logging
import os

# Lambda lets all lines through, and hands that level to Python's root logger and to Powertools: the
# SDK would log all that it sends and receives, and `LogLevel` would mean nothing.
os.environ.pop("AWS_LAMBDA_LOG_LEVEL", None)
logging.getLogger().setLevel(logging.WARNING)

import json
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from service.adapters import probe

# An invocation may have nothing to count; a warning would be a line that is no JSON.
warnings.filterwarnings("ignore", "No application metrics")

logger = Logger()
metrics = Metrics()
# Loggers that modules of the service make themselves, by `logging.getLogger(__name__)`.
own_loggers = logging.getLogger("service")
own_loggers.setLevel(logger.log_level)


class _Telling(threading.local):
    """Whether this thread logs a line of a stream, and whether something was written meanwhile."""

    busy = False
    disturbed = False


class Lines:
    """A stream whose lines are all JSON: what is printed is logged, by the service or a library.

    `level` is that of its lines: "info" or another method of the logger.
    """

    _telling = _Telling()

    def __init__(self, stream: TextIO, level: str) -> None:
        self._stream = stream
        self._level = level
        self._begun = ""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        if self._telling.busy:  # the logger fails, and says so here: it must not be called again
            self._telling.disturbed = True
            return len(text)
        *lines, self._begun = f"{self._begun}{text}".split("\n")
        for line in filter(None, lines):
            if line.startswith('{"'):
                self._stream.write(f"{line}\n")
                continue
            self._telling.busy, self._telling.disturbed = True, False
            try:
                getattr(logger, self._level)(line, stacklevel=3)  # the place of who prints
            finally:
                self._telling.busy = False
            if self._telling.disturbed:
                plain = {"level": self._level.upper(), "message": line}
                self._stream.write(f"{json.dumps(plain)}\n")
        return len(text)


if os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON":
    sys.stdout = Lines(sys.stdout, "info")
    sys.stderr = Lines(sys.stderr, "error")  # a thread ends there: no LogLevel may hide it


def count(name: str, value: int = 1) -> None:
    """Add to the metric `name`, written with the logs: no call to CloudWatch."""
    metrics.add_metric(name, MetricUnit.Count, value)


@contextmanager
def integration(name: str) -> Iterator[None]:
    """Measure a call to another system: its latency in milliseconds and whether it failed."""
    start = time.perf_counter()
    try:
        yield
    except Exception:
        count(f"{name}Errors")
        raise
    finally:
        milliseconds = (time.perf_counter() - start) * 1000
        metrics.add_metric(f"{name}Latency", MetricUnit.Milliseconds, milliseconds)


def by_version(name: str, value: float, context: Any) -> None:
    """Write the metric `name` by function and by version of it, for the gate of a release.

    The metrics above are those of the whole service. It is one line in the embedded metric format,
    since older releases of Powertools write one set of dimensions only.
    """
    own = {"FunctionName": context.function_name, "ExecutedVersion": context.function_version}
    written = {
        "Namespace": os.environ["POWERTOOLS_METRICS_NAMESPACE"],
        "Dimensions": [["FunctionName"], list(own)],
        "Metrics": [{"Name": name, "Unit": "None"}],
    }
    head = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [written]}
    print(json.dumps({"_aws": head, **own, name: value}))


def instrumented(entry: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Clear the logger's keys before each invocation, log what ends it, flush its metrics.

    The probe is answered here, so the handler never meets it.
    """
    gc.freeze()
    gc.enable()

    def logged(event: Any, context: Any) -> Any:
        logger.remove_keys(["function_arn", "function_memory_size"])  # the log group tells of both
        if own_loggers.level != logger.log_level:  # the invocation is drawn to be logged in full
            own_loggers.setLevel(logger.log_level)
        try:
            return probe.run() if event == probe.EVENT else entry(event, context)
        except Exception:
            logger.exception("The invocation failed")
            raise

    cleared = logger.inject_lambda_context(logged, clear_state=True)
    return metrics.log_metrics(cleared, capture_cold_start_metric=True)
