"""Make one call with each client of a built package, and say which cannot be called.

    python -S calls.py PACKAGE

It runs in the package, with nothing but the standard library beside it.
"""

from __future__ import annotations

import json
import socket
import sys
from typing import Any


def main() -> None:
    sys.path.insert(0, sys.argv[1])
    resolve = socket.getaddrinfo
    # Some endpoints have an account for a prefix: no name is looked up elsewhere.
    socket.getaddrinfo = lambda _, *port: resolve("127.0.0.1", *port)
    from service.adapters.clients import CLIENTS

    dead = {}
    for service, client in CLIENTS.items():
        try:
            _call(client())
        except Exception as error:  # noqa: BLE001 - each is told
            dead[service] = f"{type(error).__name__}: {error}"
    print(json.dumps(dead))


def _call(client: Any) -> None:
    """Call the operation that wants least."""
    model = client.meta.service_model
    operations = [
        model.operation_model(name)
        for name in model.operation_names
        if not model.operation_model(name).has_event_stream_input
    ]
    operation = min(operations, key=lambda one: (len(_required(one.input_shape)), one.name))
    methods = {name: method for method, name in client.meta.method_to_api_mapping.items()}
    getattr(client, methods[operation.name])(**_made(operation.input_shape))


def _required(shape: Any) -> list[str]:
    return shape.required_members if shape else []


def _made(shape: Any) -> Any:
    """Return the least value of a shape."""
    if shape is None:
        return {}
    least = max(1, shape.metadata.get("min", 1))
    match shape.type_name:
        case "structure":
            members = _required(shape) or (shape.is_tagged_union and list(shape.members)[:1]) or []
            return {name: _made(shape.members[name]) for name in members}
        case "list":
            return [_made(shape.member)] * least
        case "map":
            return {_made(shape.key): _made(shape.value)}
        case "string":
            return shape.enum[0] if shape.enum else "x" * least
        case "boolean":
            return True
        case "blob":
            return b"x"
        case "timestamp":
            return 0
    return least


if __name__ == "__main__":
    main()
