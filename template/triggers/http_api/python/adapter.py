"""HTTP API: its event becomes a `Request`, a `Response` becomes its answer."""

import base64
from collections.abc import Callable
from typing import Any

import msgspec

from service.adapters import telemetry, validation
from service.adapters.validation import Invalid

IDEMPOTENCY_KEY_LENGTH = 128  # characters


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller sent; names of headers are in lower case."""

    method: str
    path_parameters: dict[str, str]
    headers: dict[str, str]
    content: str | bytes

    def body[T: msgspec.Struct](self, type_: type[T]) -> T:
        """Read the body as `type_`, or raise `Invalid` with every error in it."""
        return validation.parse(self.content, type_)

    @property
    def idempotency_key(self) -> str:
        """The key under which the caller may send the request again without a second effect."""
        key = self.headers.get("idempotency-key", "")
        if not 0 < len(key) <= IDEMPOTENCY_KEY_LENGTH:
            raise Invalid([f"header Idempotency-Key: 1 to {IDEMPOTENCY_KEY_LENGTH} characters"])
        return key


class Response(msgspec.Struct, frozen=True):
    """A status code and a body that is sent as JSON."""

    status: int
    body: Any


def handler(answer: Callable[[Request], Response]) -> Callable[[Any, Any], dict[str, Any]]:
    """Turn a function of the request into a Lambda handler.

    Invalid input is answered with 400 and a list of errors. Any other error fails the invocation:
    the caller gets a 500 with the request's id from API Gateway, and the alarms see it.
    """

    def entry(event: dict[str, Any], _context: Any) -> dict[str, Any]:
        telemetry.logger.set_correlation_id(event["requestContext"]["requestId"])
        try:
            response = answer(_request(event))
        except Invalid as invalid:
            response = Response(400, {"errors": invalid.errors})
        telemetry.logger.info("Answered", extra={"status": response.status})
        return {
            "statusCode": response.status,
            "headers": {"content-type": "application/json"},
            "body": msgspec.json.encode(response.body).decode(),
        }

    return telemetry.instrumented(entry)


def _request(event: dict[str, Any]) -> Request:
    content = event.get("body", "")
    return Request(
        method=event["requestContext"]["http"]["method"],
        path_parameters=event.get("pathParameters", {}),
        headers=event["headers"],
        content=base64.b64decode(content) if event.get("isBase64Encoded") else content,
    )
