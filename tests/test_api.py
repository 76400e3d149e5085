"""APIs: their access logs are JSON whatever a caller sends."""

import json
import re
from typing import Any

import pytest
from golden_path.document import Document

from tests.conftest import Render

# Variables whose values are ids, numbers, times or words of a list: none needs to be escaped, and
# API Gateway escapes nothing. A route's key is the template's own.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
PLAIN = {
    "error.responseType",
    "httpMethod",
    "integration.status",
    "integrationStatus",
    "requestId",
    "requestTime",
    "resourcePath",
    "responseLatency",
    "routeKey",
    "status",
}


@pytest.mark.parametrize(
    ("api", "entry", "setting"),
    [
        ("HttpApi", "http_api", "AccessLogSettings"),
        ("RestApi", {"trigger": "rest_api", "access_log": True}, "AccessLogSetting"),
    ],
)
def test_a_line_of_the_access_log_is_json_whatever_happens(
    render: Render, api: str, entry: Any, setting: str
) -> None:
    resources = Document.read(render(functions={"f": entry}) / "template.yaml").data["Resources"]
    line = resources[api]["Properties"][setting]["Format"]
    assert "\n" not in line
    assert set(re.findall(r"\$context\.([\w.]+)", line)) <= PLAIN
    assert all(isinstance(value, str) for value in json.loads(line).values())


@pytest.mark.parametrize("name", ["vendedlogs", "generated"])
def test_the_access_log_of_a_new_service_is_where_one_policy_is_enough(
    render: Render, name: str
) -> None:
    service = render(access_log=name) if name == "generated" else render()
    resources = Document.read(service / "template.yaml").data["Resources"]
    named = json.dumps(resources["HttpApiAccessLog"]["Properties"].get("LogGroupName", ""))
    account = (service / "pipeline/account.yaml").read_text()
    wanted = name == "vendedlogs"
    assert ("/aws/vendedlogs/${AWS::StackName}-http-api-" in named) is wanted
    assert (
        "log-group:/aws/vendedlogs/items-service-${Environment}-http-api-*" in account
    ) is wanted
