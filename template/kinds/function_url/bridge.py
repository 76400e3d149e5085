"""Function URLs: who may call them."""

from typing import Any

from ministack import app
from ministack.core import iam_evaluator
from ministack.services import lambda_svc

INVOKE = "lambda:InvokeFunction"
VIA_URL = {"lambda:InvokedViaFunctionUrl": "true"}
FORBIDDEN = (403, {"Content-Type": "application/json"}, b'{"Message":"Forbidden"}')


def urls_ask_for_both_permissions() -> None:
    """Bridge: whoever calls a URL needs lambda:InvokeFunction too, and anybody both at an open one.

    Lambda asks the caller for both since October 2025, and where the URL is open the function's
    policy what it lets anybody do. The emulator asks a caller for lambda:InvokeFunctionUrl alone,
    and at an open URL for nothing. Its events do not say who has signed: to a handler, all callers
    are one.
    """
    serve = lambda_svc.handle_function_url_request

    async def serve_when_allowed(
        url: str, method: str, path: str, headers: Any, body: Any, query: Any, **more: Any
    ) -> Any:
        refused = _refused(url, headers, query)
        return refused or await serve(url, method, path, headers, body, query, **more)

    lambda_svc.handle_function_url_request = serve_when_allowed


def _refused(url: str, headers: Any, query: Any) -> Any:
    """Return the answer to who may not call, or None; who has not signed is refused without us."""
    function, context, found = app._function_url_auth_target(url)
    if not found:
        return None
    if context["lambda:FunctionUrlAuthType"] == "NONE":
        open_to_all = _anybody_may(function, "lambda:InvokeFunctionUrl", context)
        return None if open_to_all and _anybody_may(function, INVOKE, VIA_URL) else FORBIDDEN
    if not lambda_svc._function_url_is_signed(headers, query):
        return None
    about = {"resource_arn": function, "service_context": VIA_URL}
    return app._enforce_data_plane("lambda", INVOKE, headers, query, "", **about)


def _anybody_may(function: str, action: str, context: dict[str, str]) -> bool:
    """Tell whether the policy of what a function's ARN names lets anybody do this."""
    name, _qualifier = lambda_svc._resolve_name_and_qualifier(function)
    statements = lambda_svc._functions.get(name, {}).get("policy", {}).get("Statement", [])
    policy = {"Statement": [one for one in statements if one["Resource"] == function]}
    region = function.split(":")[3]
    lowered = {key.lower(): value for key, value in context.items()}
    call = iam_evaluator.EvalContext(
        "*", "Anonymous", "", action, function, region, service_context=lowered
    )
    return iam_evaluator.evaluate_resource_policy(policy, call).decision == "Allow"


ALL = (urls_ask_for_both_permissions,)
