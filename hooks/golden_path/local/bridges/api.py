"""API Gateway: what an HTTP API answers."""

import json

from ministack.services import apigateway

from golden_path.local.bridges.cloudformation import RESOURCES, Created, Record


def http_api_from_its_body() -> None:
    """Bridge: the routes, integrations and authorization of an HTTP API come from its OpenAPI body.

    API Gateway imports the body, and SAM writes nothing else. The emulator ignores it and
    answers 404. It judges signatures and policies itself, once a route says that it wants them.
    """
    api = RESOURCES["AWS::ApiGatewayV2::Api"]
    create, update = api["create"], api["update"]

    def read_body(api_id: str, properties: Record) -> None:
        apigateway._routes[api_id] = {}
        apigateway._integrations[api_id] = {}
        body = properties.get("Body") or {}
        for path, methods in body.get("paths", {}).items():
            for method, operation in methods.items():
                if "x-amazon-apigateway-integration" in operation:
                    _add_route(api_id, _route_key(method, path), operation)

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


def _add_route(api_id: str, key: str, operation: Record) -> None:
    schemes = {name for option in operation.get("security", []) for name in option}
    if not schemes <= {"AWS_IAM"}:
        raise ValueError(f"{key}: the local bridge judges IAM authorization alone, not {schemes}")
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
            "authorizationType": "AWS_IAM" if schemes else "NONE",
        },
    )
