"""REST APIs: what a change of one keeps, what it refuses by itself, and how it tells a failure."""

import json
from typing import Any

from ministack import app
from ministack.core.responses import get_account_id, get_region
from ministack.services import apigateway_v1 as gateway
from ministack.services import lambda_svc

from golden_path.local.bridges.cloudformation import RESOURCES, Created, Record
from golden_path.local.bridges.roles import permits

FAILED = "Internal server error"


def rest_apis_keep_to_their_body() -> None:
    """Bridge: a REST API refuses a body that its model does not allow, and a change keeps its id.

    API Gateway imports models, validators, its own answers and what answers browsers from the
    OpenAPI body, and imports a changed body into the API that there is. The emulator imports paths and authorization alone,
    and makes a new API of a changed body. A body of another media type than a model's, which
    API Gateway hands on unread, it judges by that of application/json.
    """
    api = RESOURCES["AWS::ApiGateway::RestApi"]
    create, update = api["create"], api["update"]

    def create_whole(logical_id: str, properties: Record, stack: str) -> Created:
        api_id, attributes = create(logical_id, properties, stack)
        _validate(api_id, properties.get("Body") or {})
        return api_id, attributes

    def update_in_place(
        api_id: str, old: Record, new: Record, stack: str, logical_id: str
    ) -> Created:
        body = new.get("Body") or {}
        if body != old.get("Body"):
            old = old | {"Body": body}
            gateway._resources[api_id] = _root_alone(api_id)
            gateway._authorizers_v1.pop(api_id, None)
            schemes = gateway._import_security_schemes(api_id, body)
            for path, methods in body.get("paths", {}).items():
                gateway._import_path_item(api_id, path, methods, schemes, body.get("security"))
            _validate(api_id, body)
        return update(api_id, old, new, stack, logical_id)

    api.update(create=create_whole, update=update_in_place)


def _root_alone(api_id: str) -> dict[str, Any]:
    resources = gateway._resources[api_id].items()
    return {
        resource_id: resource | {"resourceMethods": {}}
        for resource_id, resource in resources
        if resource["path"] == "/"
    }


def _validate(api_id: str, body: Record) -> None:
    """Give an API the models, the validators and the answers of its body."""
    for store in (gateway._models, gateway._request_validators, gateway._gateway_responses):
        store.pop(api_id, None)
    for name, schema in body.get("components", {}).get("schemas", {}).items():
        gateway._create_model(api_id, {"name": name, "schema": json.dumps(schema)})
    validators = {}
    for name, given in body.get("x-amazon-apigateway-request-validators", {}).items():
        made = gateway._create_request_validator(api_id, {"name": name, **given})
        validators[name] = json.loads(made[2])["id"]
    for kind, answer in body.get("x-amazon-apigateway-gateway-responses", {}).items():
        gateway._put_gateway_response(api_id, kind, answer)
    methods = {resource["path"]: resource for resource in gateway._resources[api_id].values()}
    for path, operations in body.get("paths", {}).items():
        for method, operation in operations.items():
            own = methods[path]["resourceMethods"].get(method.upper())
            if own and "responses" in operation.get("x-amazon-apigateway-integration", {}):
                _answer(api_id, methods[path]["id"], method.upper(), operation)
            if own and (named := operation.get("x-amazon-apigateway-request-validator")):
                content = operation.get("requestBody", {}).get("content", {})
                own["requestValidatorId"] = validators[named]
                own["requestModels"] = {
                    media: model["schema"]["$ref"].rpartition("/")[2]
                    for media, model in content.items()
                }


def _answer(api_id: str, resource_id: str, method: str, operation: Record) -> None:
    """Let a method answer by itself, as one for browsers does."""
    for row in operation["x-amazon-apigateway-integration"]["responses"].values():
        where = (api_id, resource_id, method, str(row["statusCode"]))
        gateway._put_method_response(*where, {})
        gateway._put_integration_response(*where, row)


def a_refusal_is_read_by_pages() -> None:
    """Bridge: who may not call a REST API is answered with the headers of its own answers.

    API Gateway answers by DEFAULT_4XX; the emulator, where policies do not allow it, by none.
    """
    enforce = app._enforce_execute_api

    def enforced(api_id: str, *rest: Any, **more: Any) -> Any:
        denied = enforce(api_id, *rest, **more)
        if denied:
            denied[1].update(_headers(api_id, "DEFAULT_4XX"))
        return denied

    app._enforce_execute_api = enforced


def _headers(api_id: str, kind: str) -> dict[str, str]:
    """Return the headers that an API's own answers of a kind always have."""
    scope = gateway.find_api_scope(api_id)
    all_kinds = gateway._gateway_responses.get_scoped(*scope, api_id, {}) if scope else {}
    given = all_kinds.get(kind, {}).get("responseParameters", {})
    prefix = "gatewayresponse.header."
    return {name.removeprefix(prefix): value.strip("'") for name, value in given.items()}


def a_failure_is_no_answer() -> None:
    """Bridge: a caller of a REST API is not told what the error of a function says.

    API Gateway answers 502 with two words of its own; the emulator with the error's text.
    """
    shape = gateway._lambda_proxy_response

    def shaped(result: Any) -> tuple[Any, Any]:
        answer, failed = shape(result)
        return answer, FAILED if failed else failed

    gateway._lambda_proxy_response = shaped


def answers_are_streamed() -> None:
    """Bridge: a REST API finds the function that streams its answer, and hands it on, as a whole.

    The emulator knows neither the address by which such a function is called, nor an answer
    behind a head of its own.
    """
    find, shape = gateway._extract_lambda_ref_from_integration_uri, gateway._lambda_proxy_response

    def find_by_either(uri: str) -> str:
        return find(uri.replace("/response-streaming-invocations", "/invocations"))

    def shaped(result: Any) -> tuple[Any, Any]:
        body = result.get("body")
        head, streamed = lambda_svc._split_stream_prelude(str(body).encode())
        if head is None or not isinstance(body, str):
            return shape(result)
        return {**head, "body": streamed.decode()}, None

    gateway._extract_lambda_ref_from_integration_uri = find_by_either
    gateway._lambda_proxy_response = shaped


def functions_let_a_rest_api_in() -> None:
    """Bridge: a REST API needs a permission of the alias that it calls.

    Lambda judges it by the policy of what is called. The emulator lets every API call.
    """
    invoke = gateway._invoke_lambda_proxy_v1

    async def invoke_when_permitted(*called: Any, **more: Any) -> Any:
        integration, api, stage, _stage, resource, _path, method, *_ = called
        function = gateway._extract_lambda_ref_from_integration_uri(integration["uri"])
        here = f"arn:aws:execute-api:{get_region()}:{get_account_id()}"
        source = f"{here}:{api}/{stage}/{method}{resource['path']}"
        if not permits(function, "apigateway.amazonaws.com", source):
            return gateway._gw_error("API_CONFIGURATION_ERROR", FAILED)
        answer = await invoke(*called, **more)
        if isinstance(answer, tuple) and answer[::2] == (502, json.dumps({"message": FAILED}).encode()):
            answer[1].update(_headers(api, "DEFAULT_5XX"))
        return answer

    gateway._invoke_lambda_proxy_v1 = invoke_when_permitted


ALL = (
    rest_apis_keep_to_their_body,
    a_refusal_is_read_by_pages,
    a_failure_is_no_answer,
    answers_are_streamed,
    functions_let_a_rest_api_in,
)
