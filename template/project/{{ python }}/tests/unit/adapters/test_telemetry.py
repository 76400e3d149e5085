"""Logs and metrics of one invocation."""

import io
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from service.adapters import telemetry

type Logs = Callable[[str], list[dict[str, Any]]]


def test_an_integration_is_timed_and_its_failure_counted(
    context: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    # given a handler whose call to another system fails
    @telemetry.instrumented
    def handler(_event: Any, _context: Any) -> None:
        with telemetry.integration("Warehouse"):
            raise ConnectionError("no answer")

    # when it is invoked
    with pytest.raises(ConnectionError):
        handler({}, context)

    # then its metrics are written all the same
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    written = [line for line in lines if "WarehouseErrors" in line]
    assert written[0]["WarehouseErrors"] == [1.0], "the failed call is not counted"
    assert written[0]["WarehouseLatency"][0] >= 0, "the failed call is not timed"


def test_garbage_is_collected_once_a_handler_is_loaded() -> None:
    telemetry.gc.disable()
    telemetry.instrumented(lambda _event, _context: None)
    assert telemetry.gc.isenabled(), "memory would grow from invocation to invocation"


def test_what_ends_an_invocation_is_logged(context: Any, logs: Logs) -> None:
    @telemetry.instrumented
    def handler(_event: Any, _context: Any) -> None:
        raise LookupError("gone")

    with pytest.raises(LookupError):
        handler({}, context)

    (logged,) = logs("The invocation failed")
    assert logged["exception_name"] == "LookupError"
    assert logged["function_request_id"] == context.aws_request_id


def test_no_key_of_one_invocation_reaches_the_next(context: Any, logs: Logs) -> None:
    @telemetry.instrumented
    def handler(event: Any, _context: Any) -> None:
        if event:
            telemetry.logger.append_keys(customer="first")
        telemetry.logger.info("Here")

    handler({"first": True}, context)
    handler({}, context)

    first, second = logs("Here")
    assert first["customer"] == "first"
    assert "customer" not in second, "a key of one caller is logged for the next"


def test_no_library_logs_what_it_sends_and_receives(caplog: pytest.LogCaptureFixture) -> None:
    # given the level that Lambda hands over, the lowest; when the SDK and the service log
    logging.getLogger("botocore.parsers").debug("Response body: a secret")
    logging.getLogger("service.domain").debug("A detail")
    logging.getLogger("service.domain").info("An event")

    # then the service alone is heard, at its own level
    assert [record.message for record in caplog.records] == ["An event"]
    assert telemetry.logger.log_level == logging.INFO, "LogLevel says nothing"


def test_the_loggers_of_the_service_follow_the_level_of_its_invocation(
    context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a handler, and that invocations are drawn to be logged in full
    levels: list[int] = []
    logger = logging.getLogger("service.domain")
    handler = telemetry.instrumented(lambda *_: levels.append(logger.getEffectiveLevel()))
    handler({}, context)
    monkeypatch.setattr(telemetry.logger, "sampling_rate", "1")

    # when one more runs, and one after that lot has ended
    handler({}, context)
    monkeypatch.setattr(telemetry.logger, "sampling_rate", "0")
    handler({}, context)

    assert levels == [logging.INFO, logging.DEBUG, logging.INFO]


def test_what_is_printed_becomes_a_line_of_the_log(logs: Logs) -> None:
    stream = telemetry.Lines(io.StringIO())

    print("Not", "JSON", file=stream)
    print('{"is": "JSON already"}', file=stream)

    assert logs("Not JSON"), "a line of the log is no JSON"
    assert stream.getvalue() == '{"is": "JSON already"}\n'
