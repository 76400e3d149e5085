"""API Gateway: what an HTTP API answers."""

import json
from typing import Any

from ministack import app
from ministack.services import apigateway

from golden_path.local.bridges.cloudformation import RESOURCES, Created, Record, record


def http_api_from_its_body() -> None:
    """Bridge: the routes, authorizers, rights and CORS of an HTTP API come from its body.

    API Gateway imports the body, and SAM writes nothing else. The emulator ignores it and
    answers 404. It judges signatures and policies itself, once a route says that it wants them.
    """
    api = RESOURCES["AWS::ApiGatewayV2::Api"]
    create, update = api["create"], api["update"]

    def read_body(api_id: str, properties: Record) -> None:
        apigateway._routes[api_id] = {}
        apigateway._integrations[api_id] = {}
        apigateway._authorizers[api_id] = {}
        body = properties.get("Body") or {}
        apigateway._apis[api_id]["corsConfiguration"] = body.get("x-amazon-apigateway-cors")
        authorizers = _authorizers(api_id, body)
        for path, methods in body.get("paths", {}).items():
            for method, operation in methods.items():
                if "x-amazon-apigateway-integration" in operation:
                    _add_route(api_id, _route_key(method, path), operation, authorizers)

    def create_with_body(logical_id: str, properties: Record, stack: str) -> Created:
        api_id, attributes = create(logical_id, properties, stack)
        read_body(api_id, properties)
        return api_id, attributes

    def update_with_body(
        api_id: str, old: Record, new: Record, stack: str, logical_id: str
    ) -> Created:
        api_id, attributes = update(api_id, old, new, stack, logical_id)
        read_body(api_id, new)
        return api_id, attributes

    api.update(create=create_with_body, update=update_with_body)


def browsers_are_answered_before_they_sign() -> None:
    """Bridge: an HTTP API answers what a browser asks before a request, and whom it refuses.

    API Gateway answers OPTIONS by the API's CORS configuration, without authorization, and a
    refusal has the headers by which a page may read it. The emulator asks for a signature, and
    refuses without them.
    """
    enforce, handle = app._enforce_execute_api, apigateway.handle_execute

    def enforced(
        api_id: str, stage: str, method: str, path: str, headers: Record, *rest: Any, **more: Any
    ) -> Any:
        if method == "OPTIONS" and _cors(api_id):
            return None
        denied = enforce(api_id, stage, method, path, headers, *rest, **more)
        return denied and _readable(denied, api_id, headers)

    async def handled(
        api_id: str, stage: str, path: str, method: str, headers: Record, *rest: Any, **more: Any
    ) -> Any:
        answer = await handle(api_id, stage, path, method, headers, *rest, **more)
        return _readable(answer, api_id, headers)

    app._enforce_execute_api, apigateway.handle_execute = enforced, handled


def records_of_domains_are_recorded() -> None:
    """Bridge: a record in a hosted zone gets a name, and no more.

    Route 53 keeps it in a zone that is there before the stack. The emulator has no such zone, and
    finds an API by its domain in the `Host` header, whatever a record says.
    """
    RESOURCES["AWS::Route53::RecordSet"] = {"create": record, "delete": lambda *_: None}


def _cors(api_id: str) -> Record:
    scope = apigateway.find_api_scope(api_id)
    api = apigateway._apis.get_scoped(*scope, api_id, {}) if scope else {}
    return api.get("corsConfiguration") or {}


def _readable(answer: Any, api_id: str, headers: Record) -> Any:
    """Add to an answer what lets a page of an origin that may call read it."""
    status, own, body = answer
    given = apigateway._cors_response_headers(_cors(api_id), headers.get("origin", ""))
    return status, own | given, body


def _route_key(method: str, path: str) -> str:
    if path == "/$default":
        return "$default"
    return f"{'ANY' if method == 'x-amazon-apigateway-any-method' else method.upper()} {path}"


def _authorizers(api_id: str, body: Record) -> dict[str, str]:
    """Make the JWT authorizers of a body, and return their ids by the names of their schemes."""
    found = {}
    for name, scheme in body.get("components", {}).get("securitySchemes", {}).items():
        told = scheme.get("x-amazon-apigateway-authorizer") or {}
        if str(told.get("type")).lower() == "jwt":
            asked = {
                "name": name,
                "authorizerType": "JWT",
                "identitySource": [told["identitySource"]],
                "jwtConfiguration": told["jwtConfiguration"],
            }
            made = apigateway._create_authorizer(api_id, asked)
            found[name] = json.loads(made[2])["authorizerId"]
    return found


def _add_route(api_id: str, key: str, operation: Record, authorizers: dict[str, str]) -> None:
    asked = {name: scopes for one in operation.get("security", []) for name, scopes in one.items()}
    known = {"AWS_IAM", *authorizers}
    if not asked.keys() <= known:
        raise ValueError(f"{key}: the local bridge judges {known} alone, not {[*asked]}")
    by_token = next((name for name in asked if name in authorizers), None)
    judged = {"authorizationType": "AWS_IAM" if asked else "NONE"}
    if by_token:
        judged = {
            "authorizationType": "JWT",
            "authorizerId": authorizers[by_token],
            "authorizationScopes": asked[by_token],
        }
    integration = operation["x-amazon-apigateway-integration"]
    created = json.loads(
        apigateway._create_integration(
            api_id,
            {
                "integrationType": integration["type"].upper(),
                "integrationUri": integration["uri"],
                "payloadFormatVersion": integration.get("payloadFormatVersion", "2.0"),
            },
        )[2]
    )
    apigateway._create_route(
        api_id,
        {
            "routeKey": key,
            "target": f"integrations/{created['integrationId']}",
            **judged,
        },
    )
