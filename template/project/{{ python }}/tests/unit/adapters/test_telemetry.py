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
    logging.getLogger("botocore.parsers").debug("Response body: a password")
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
    stream = telemetry.Lines(io.StringIO(), "info")

    print("Not", "JSON", file=stream)
    print('{"is": "JSON already"}', file=stream)

    (line,) = logs("Not JSON")
    assert line["level"] == "INFO"
    own = "test_what_is_printed_becomes_a_line_of_the_log:"
    assert line["location"].startswith(own), "it does not tell who prints"
    assert stream.getvalue() == '{"is": "JSON already"}\n'


def test_what_is_said_of_errors_is_an_error(logs: Logs) -> None:
    print("A thread has ended", file=telemetry.Lines(io.StringIO(), "error"))

    assert logs("A thread has ended")[0]["level"] == "ERROR", "a higher LogLevel would hide it"


def test_a_logger_that_fails_says_so(logs: Logs, monkeypatch: pytest.MonkeyPatch) -> None:
    # given a key that is no JSON, and a logger that tells of its own failures where all is logged
    written = io.StringIO()
    monkeypatch.setattr(telemetry.sys, "stderr", telemetry.Lines(written, "error"))
    telemetry.logger.append_keys(items={("a", "pair"): 1})

    # when something is logged
    telemetry.logger.info("Here")
    telemetry.logger.remove_keys(["items"])
    telemetry.logger.info("Later")

    # then the failure is told in a few lines of JSON, and the next line is whole
    told = [json.loads(line) for line in written.getvalue().splitlines()]
    assert told[0] == {"level": "ERROR", "message": "--- Logging error ---"}
    assert len(told) < 100, "each line of it is told with a failure of its own"
    assert logs("Later")
