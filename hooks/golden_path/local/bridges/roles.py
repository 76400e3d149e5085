"""IAM: what AWS demands of roles and of functions, and the emulator does with its own rights."""

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import error_response_json, get_account_id, get_region, json_response
from ministack.services import apigateway, eventbridge, lambda_svc, secretsmanager

from golden_path.local.bridges.cloudformation import RESOURCES, Created, Record, record

log = logging.getLogger("bridges")
POLLS = {"sqs": ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")}
"""What Lambda does with a function's role to poll, by the service of the source."""


def roles_are_asked() -> None:
    """Bridge: polling, failure destinations and schedules need what AWS demands of their roles.

    Lambda polls a queue and keeps failed events with the function's role, and checks it when they
    are set up; a schedule invokes with its own role. The emulator does it all with its own rights.
    """

    def require_of_function(reference: str, actions: tuple[str, ...], resource: str) -> None:
        _function, config, _name = lambda_svc._get_func_record_for_ref(reference)
        for action in actions:
            require(config["Role"], action, resource)

    def poll(properties: Record) -> None:
        source = properties.get("EventSourceArn", "")
        service = source.split(":")[2] if source else ""
        require_of_function(properties["FunctionName"], POLLS.get(service, ()), source)
        keep_failures(properties)

    def keep_failures(properties: Record) -> None:
        on_failure = properties.get("DestinationConfig", {}).get("OnFailure", {})
        if ":sqs:" in (destination := on_failure.get("Destination", "")):
            require_of_function(properties["FunctionName"], ("sqs:SendMessage",), destination)

    def checked(check: Callable[[Record], None], create: Callable[..., Any]) -> Callable[..., Any]:
        def create_when_allowed(logical_id: str, properties: Record, stack: str) -> Any:
            check(properties)
            return create(logical_id, properties, stack)

        return create_when_allowed

    for kind, check in (("EventSourceMapping", poll), ("EventInvokeConfig", keep_failures)):
        resource = RESOURCES[f"AWS::Lambda::{kind}"]
        resource["create"] = checked(check, resource["create"])

    invoke_target = eventbridge._invoke_target

    def invoke(target: Record, *event: Any) -> None:
        if ":lambda:" in target["Arn"] and "RoleArn" in target:
            require(target["RoleArn"], "lambda:InvokeFunction", target["Arn"])
        invoke_target(target, *event)

    eventbridge._invoke_target = invoke


def require(role: str, action: str, resource: str) -> None:
    """Fail as AWS does where the policies of `role` do not allow `action` on `resource`."""
    account = role.split(":")[4]
    call = iam_evaluator.EvalContext(role, "AssumedRole", account, action, resource, get_region())
    policies = iam_evaluator._gather_role_policies(role.rsplit("/", 1)[-1], account)
    if iam_evaluator.evaluate(call, policies).decision != "Allow":
        raise ValueError(f"AccessDenied: {role} may not perform {action} on {resource}")


def functions_ask_for_permission() -> None:
    """Bridge: an API and a rotation need a permission of the function, version or alias they call.

    Lambda judges the caller by the policy of what is called. The emulator lets everybody call.
    """
    invoke, rotate = apigateway._invoke_lambda_proxy, secretsmanager._rotate_secret

    async def by_api(
        integration: Record, api: str, stage: str, path: str, method: str, *rest: Any, **more: Any
    ) -> Any:
        uri = integration["integrationUri"]
        function = apigateway._extract_lambda_ref_from_integration_uri(uri)
        here = f"arn:aws:execute-api:{get_region()}:{get_account_id()}"
        source = f"{here}:{api}/{stage}/{method}{path}"
        if not permits(function, "apigateway.amazonaws.com", source):
            answer = {"message": "Internal Server Error"}
            return json_response(answer, HTTPStatus.INTERNAL_SERVER_ERROR)
        return await invoke(integration, api, stage, path, method, *rest, **more)

    def by_rotation(asked: Record) -> Any:
        function = asked.get("RotationLambdaARN")
        if function and not permits(function, ROTATES):
            return error_response_json("AccessDeniedException", NOT_PERMITTED, 400)
        return rotate(asked)

    def schedule(logical_id: str, properties: Record, stack: str) -> Created:
        if not permits(properties["RotationLambdaARN"], ROTATES):
            raise ValueError(NOT_PERMITTED)
        return record(logical_id, properties, stack)

    apigateway._invoke_lambda_proxy, secretsmanager._rotate_secret = by_api, by_rotation
    kind = {"create": schedule, "delete": lambda *_: None}
    RESOURCES["AWS::SecretsManager::RotationSchedule"] = kind


ROTATES = "secretsmanager.amazonaws.com"
NOT_PERMITTED = f"AccessDenied: the policy of the function does not let {ROTATES} invoke it"


def permits(function: str, service: str, source: str = "") -> bool:
    """Tell whether what a function's ARN names permits a service to invoke it, for a source's ARN.

    Without a source the caller sends its account alone: no more is documented of it.
    """
    name, _qualifier = lambda_svc._resolve_name_and_qualifier(function)
    statements = lambda_svc._functions.get(name, {}).get("policy", {}).get("Statement", [])
    policy = {"Statement": [one for one in statements if one["Resource"] == function]}
    context = {"aws:sourceaccount": get_account_id()}
    if source:
        context["aws:sourcearn"] = source
    caller, action = ("*", "Service", ""), "lambda:InvokeFunction"
    call = iam_evaluator.EvalContext(
        *caller, action, function, get_region(), service_context=context
    )
    found = iam_evaluator.evaluate_resource_policy(policy, call, service=service).decision
    if found != "Allow":
        log.warning("%s does not permit %s to invoke it for %s", function, service, source)
    return found == "Allow"
