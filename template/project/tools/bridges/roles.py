"""IAM: what AWS demands of roles, and the emulator does with its own rights."""

from collections.abc import Callable
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import get_region
from ministack.services import eventbridge, lambda_svc

from bridges.cloudformation import RESOURCES, Record


def roles_are_asked() -> None:
    """Bridge: polling, failure destinations and schedules need what AWS demands of their roles.

    Lambda polls a queue and keeps failed events with the function's role, and checks it when they
    are set up; a schedule invokes with its own role. The emulator does it all with its own rights.
    """

    def require_of_function(reference: str, actions: tuple[str, ...], resource: str) -> None:
        _function, config, _name = lambda_svc._get_func_record_for_ref(reference)
        for action in actions if ":sqs:" in resource else ():
            require(config["Role"], action, resource)

    def poll(properties: Record) -> None:
        actions = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
        require_of_function(properties["FunctionName"], actions, properties["EventSourceArn"])

    def keep_failures(properties: Record) -> None:
        on_failure = properties.get("DestinationConfig", {}).get("OnFailure", {})
        if destination := on_failure.get("Destination"):
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
