"""APIs: their access logs are JSON whatever a caller sends, and their tokens are judged."""

import json
import re
from typing import Any

import pytest
from golden_path.check import check_service
from golden_path.document import Document
from golden_path.template import translate

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


def test_each_environment_has_its_issuer_and_no_pool(render: Render) -> None:
    issuers = {
        name: {"issuer": f"https://id.example.com/{name}/", "audience": ["own", f"own-{name}"]}
        for name in ("dev", "prod")
    }
    answers = {"functions": {"f": "http_api"}, "environments": ["dev", "prod"], "jwt": issuers}
    service = render(**answers, api_auth="jwt")
    template = Document.read(service / "template.yaml").data
    assert template["Mappings"]["Callers"] == {
        name: {"Issuer": one["issuer"], "Audience": one["audience"]}
        for name, one in issuers.items()
    }
    assert "CallerPool" not in template["Resources"]
    assert check_service(service) == []
    # by another answer than that of tokens, it is kept for later
    signed = Document.read(render(**answers) / "template.yaml").data
    assert "Mappings" not in signed


def test_scopes_of_its_own_pool_bring_a_machine(render: Render) -> None:
    own, other = "items-service/orders.write", "aws.cognito.signin.user.admin"
    functions = {
        "f": {"trigger": "http_api", "scopes": [own]},
        "g": {"trigger": "http_api", "scopes": [other]},
        "h": {"trigger": "rest_api", "api_key": True},
    }
    service = render(functions=functions, api_auth="jwt")
    resources = translate(Document.read(service / "template.yaml"))["Resources"]
    paths = resources["HttpApi"]["Properties"]["Body"]["paths"]
    assert paths["/f"]["post"]["security"] == [{"Callers": [own]}]
    assert paths["/g/{item_id}"]["get"]["security"] == [{"Callers": [other]}]
    paths = resources["RestApi"]["Properties"]["Body"]["paths"]
    assert {"Callers": [other]} in paths["/h"]["post"]["security"]
    assert resources["CallerMachine"]["Properties"]["AllowedOAuthScopes"] == [own]
    assert check_service(service) == []


def test_a_function_has_limits_of_its_own_in_whichever_api(render: Render) -> None:
    functions = {
        "orders": {"trigger": "http_api", "rate": 20},
        "items": "http_api",
        "goods": {"trigger": "rest_api", "path": "/shop/goods", "burst": 5},
    }
    resources = Document.read(render(functions=functions) / "template.yaml").data["Resources"]
    limits = {"ThrottlingRateLimit": 20, "ThrottlingBurstLimit": 200}
    routes = resources["HttpApi"]["Properties"]["RouteSettings"]
    assert routes == {"POST /orders": limits, "GET /orders/{item_id}": limits}
    everywhere, *own = resources["RestApi"]["Properties"]["MethodSettings"]
    assert everywhere["ResourcePath"] == "/*"
    limits = {"ThrottlingRateLimit": 100, "ThrottlingBurstLimit": 5}
    assert own == [
        {"ResourcePath": "/~1shop~1goods", "HttpMethod": "POST"} | limits,
        {"ResourcePath": "/~1shop~1goods~1{item_id}", "HttpMethod": "GET"} | limits,
    ]
