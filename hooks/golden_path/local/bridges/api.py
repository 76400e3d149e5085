"""API Gateway: what an HTTP API answers."""

import json

from ministack.services import apigateway

from golden_path.local.bridges.cloudformation import RESOURCES, Created, Record


def http_api_from_its_body() -> None:
    """Bridge: the routes, integrations, authorizers and rights of an HTTP API come from its body.

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
