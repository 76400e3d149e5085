"""The HTTP API: its access log is JSON whatever a caller sends."""

import json
import re

from golden_path.document import Document

from tests.conftest import Render

# Variables whose values are ids, numbers, times or words of a list: none needs to be escaped, and
# API Gateway escapes nothing. A route's key is the template's own.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
PLAIN = {
    "error.responseType",
    "integrationStatus",
    "requestId",
    "requestTime",
    "responseLatency",
    "routeKey",
    "status",
}


def test_a_line_of_the_access_log_is_json_whatever_happens(render: Render) -> None:
    api = Document.read(render() / "template.yaml").data["Resources"]["HttpApi"]["Properties"]
    line = api["AccessLogSettings"]["Format"]
    assert "\n" not in line
    assert set(re.findall(r"\$context\.([\w.]+)", line)) <= PLAIN
    assert all(isinstance(value, str) for value in json.loads(line).values())
