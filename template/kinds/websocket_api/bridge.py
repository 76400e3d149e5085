"""WebSocket APIs: who may call whose function, what a client hears, and where it is answered."""

import json
import os
from collections.abc import Callable
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import apigateway, lambda_svc

from golden_path.local.bridges.cloudformation import RESOURCES, Created, Record
from golden_path.local.bridges.roles import permits

WHERE = "AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI"
FAILED = {"statusCode": 500, "failed": True}


class _Worker:
    """Takes a call of a route to where all other calls of functions go."""

    def __init__(self, name: str, _config: Record, _code: bytes, qualifier: str) -> None:
        self._called = name, qualifier

    def invoke(self, event: Record, _message: str) -> Record:
        function, config = lambda_svc._get_func_record_for_qualifier(*self._called)
        record = lambda_svc._execution_record_for_config(function, config)
        result = lambda_svc._execute_function(record, event)
        answer = FAILED if result.get("error") else result.get("body")
        return {"status": "ok", "result": answer}


def routes_call_functions_as_all_others_do() -> None:
    """Bridge: a function that a route calls writes its log, is asked for permission, may fail.

    API Gateway needs a permission of the alias for each route, and tells a client of a failure by
    three words of its own. Without a response of the route a client hears nothing of what the
    function returns. The emulator calls past all that logs and counts, lets every API call, and
    sends the client the error's text, or what the function returns.
    """
    invoke = apigateway._invoke_ws_lambda
    lambda_runtime.get_or_create_worker = _Worker  # which routes of WebSocket APIs alone import

    async def invoke_when_permitted(
        api: str, account: str, region: str, route: Record, stage: str, *rest: Any, **more: Any
    ) -> Record:
        connection, event_type, message = rest[:3]
        integration = route["target"].rpartition("/")[2]
        uri = apigateway._integrations[api][integration]["integrationUri"]
        function = apigateway._extract_lambda_ref_from_integration_uri(uri)
        source = f"arn:aws:execute-api:{region}:{account}:{api}/{stage}/{route['routeKey']}"
        answer: Any = FAILED
        if permits(function, "apigateway.amazonaws.com", source):
            answer = await invoke(api, account, region, route, stage, *rest, **more)
        if event_type != "MESSAGE":
            return {"statusCode": (answer or {}).get("statusCode", 200)}
        told = {"message": "Internal server error", "connectionId": connection}
        failed = (answer or {}).get("failed")
        return {"body": json.dumps(told | {"requestId": message}) if failed else ""}

    apigateway._invoke_ws_lambda = invoke_when_permitted


def connections_are_answered_here() -> None:
    """Bridge: a function finds its connections on the emulator.

    The address of an API on AWS stands in the function's variables, and nobody here answers there.
    """
    function = RESOURCES["AWS::Lambda::Function"]

    def with_address(make: Callable[..., Created], place: int) -> Callable[..., Created]:
        def make_here(*given: Any) -> Created:
            own = dict(given[place])
            variables = own.get("Environment", {}).get("Variables", {})
            if WHERE in variables:
                api = variables[WHERE].removeprefix("https://").partition(".")[0]
                stage = variables[WHERE].rpartition("/")[2]
                port = os.environ["GATEWAY_PORT"]
                here = f"http://127.0.0.1:{port}/_aws/execute-api/{api}/{stage}"
                own["Environment"] = {"Variables": variables | {WHERE: here}}
            return make(*given[:place], own, *given[place + 1 :])

        return make_here

    function.update(
        create=with_address(function["create"], 1), update=with_address(function["update"], 2)
    )


ALL = (routes_call_functions_as_all_others_do, connections_are_answered_here)
