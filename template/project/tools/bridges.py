"""What the emulator MiniStack lacks for this service, each gap bridged by one function.

A bridge's text says what AWS does, and what the emulator does without the bridge. Beyond them,
this is recorded and not judged on the emulator: alarms (dimensions and metric math), the weights
of an alias, throttling, access logs, time zones of schedules, the permissions to write logs and
traces, and the secret of the root key `test` (signatures of other keys are judged).

The emulator reads its settings while it is imported: import this module after setting them.
"""

import json
import logging
import sys
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from ministack.core import iam_evaluator, lambda_runtime
from ministack.core.responses import get_region
from ministack.services import apigateway, eventbridge, lambda_svc, secretsmanager
from ministack.services.cloudformation import changesets, engine, handlers, provisioners
from samtranslator.translator import transform as sam

Record = dict[str, Any]
Created = tuple[str, Record]  # a resource's physical id and its attributes
RESOURCES = provisioners._RESOURCE_HANDLERS  # what creates, updates and deletes each type
log = logging.getLogger("bridges")


def parameters_reach_sam() -> None:
    """Bridge: the SAM transform knows the parameters' values.

    CloudFormation hands them over, so that a new `Release` publishes new versions. The emulator
    hands over none: the logical id of a version would never change and the alias would stay.
    """
    values: ContextVar[dict[str, str]] = ContextVar("values")
    apply, transform = engine._apply_transforms, sam.transform

    def with_values(template: Record, provided: Any = None, previous: Any = None) -> Record:
        values.set(engine._transform_parameters(template, provided, previous))
        return apply(template, provided, previous)

    sam.transform = lambda template, _none, policies: transform(template, values.get(), policies)
    for module in (engine, changesets, handlers):
        module._apply_transforms = with_values


def refused_types_are_recorded() -> None:
    """Bridge: a resource of a type that the emulator does not know gets a name, and no more.

    CloudFormation creates it. The emulator refuses the whole template. Nothing of a recorded
    resource is judged, not even its properties.
    """

    def register_refused(template: Record) -> None:
        for resource in (template.get("Resources") or {}).values():
            kind = resource.get("Type", "")
            if kind.startswith("AWS::") and kind not in RESOURCES:
                log.warning("%s is recorded, not judged", kind)
                RESOURCES[kind] = {"create": _record, "delete": lambda *_: None}

    def then_register(transform: Callable[..., Record]) -> Callable[..., Record]:
        def both(*arguments: Any) -> Record:
            template = transform(*arguments)
            register_refused(template)
            return template

        return both

    for module in (changesets, handlers):
        module._apply_transforms = then_register(module._apply_transforms)


def alarms_over_metric_math_are_recorded() -> None:
    """Bridge: an alarm over metric math gets a name, and no more.

    CloudWatch evaluates it. The emulator refuses the whole template.
    """
    alarm = RESOURCES["AWS::CloudWatch::Alarm"]
    create, update = alarm["create"], alarm["update"]

    def create_any(logical_id: str, properties: Record, stack: str) -> Created:
        return (_record if properties.get("Metrics") else create)(logical_id, properties, stack)

    def update_any(name: str, old: Record, new: Record, stack: str, logical_id: str) -> Created:
        if new.get("Metrics"):
            return _record(logical_id, new, stack)
        return update(name, old, new, stack, logical_id)

    alarm.update(create=create_any, update=update_any)


def _record(logical_id: str, _properties: Record, stack: str) -> Created:
    name = provisioners._physical_name(stack, logical_id, max_len=64)
    return name, {"Arn": f"arn:aws:recorded:::{name}"}


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


def invoke_configuration_of_an_alias() -> None:
    """Bridge: retries and failure destination that an alias has hold for the events sent to it.

    Lambda reads them by the qualifier of the call. The emulator reads those of `$LATEST` alone.
    A version called by its number gets here what its alias says, which Lambda would not do.
    """
    invoke = lambda_svc.invoke_async_with_retry

    def with_configuration(function: Record, event: Any) -> None:
        config = function["config"]
        whole = lambda_svc._functions.get(config["FunctionName"]) or {}
        configured = whole.get("event_invoke_configs") or {}
        for name, alias in whole.get("aliases", {}).items():
            if alias["FunctionVersion"] == config["Version"] and name in configured:
                function = {**function, "event_invoke_config": configured[name]}
        invoke(function, event)

    lambda_svc.invoke_async_with_retry = with_configuration


def events_are_sent_asynchronously() -> None:
    """Bridge: a schedule or rule sends its event asynchronously: with retries and dead letters.

    The emulator runs the function once and forgets a failure.
    """

    def dispatch(function_arn: str, payload: str) -> None:
        function, config, _name = lambda_svc._get_func_record_for_ref(function_arn)
        if function and config:
            record = lambda_svc._execution_record_for_config(function, config)
            lambda_svc.invoke_async_with_retry(record, json.loads(payload))

    eventbridge._dispatch_to_lambda = dispatch


def secrets_are_known_by_their_arn() -> None:
    """Bridge: `Ref` of a secret is its ARN.

    CloudFormation gives the ARN, which the roles name. The emulator gives the secret's name, and
    would deny every function its secret. Policies of secrets and their rotation are recorded.
    """
    secret = RESOURCES["AWS::SecretsManager::Secret"]
    create, update, delete = secret["create"], secret["update"], secret["delete"]

    def name_of(arn: str) -> str:
        return secretsmanager._resolve(arn)[0]

    def create_by_arn(logical_id: str, properties: Record, stack: str) -> Created:
        _name, attributes = create(logical_id, properties, stack)
        return attributes["Arn"], attributes

    def update_by_arn(arn: str, old: Record, new: Record, stack: str, logical_id: str) -> Created:
        _name, attributes = update(name_of(arn), old, new, stack, logical_id)
        return attributes["Arn"], attributes

    def delete_by_arn(arn: str, properties: Record) -> None:
        delete(name_of(arn), properties)

    secret.update(create=create_by_arn, update=update_by_arn, delete=delete_by_arn)


def roles_are_asked() -> None:
    """Bridge: polling, failure destinations and schedules need what AWS demands of their roles.

    Lambda polls a queue and keeps failed events with the function's role, and checks it when they
    are set up; a schedule invokes with its own role. The emulator does it all with its own rights.
    """

    def require_of_function(reference: str, actions: tuple[str, ...], resource: str) -> None:
        _function, config, _name = lambda_svc._get_func_record_for_ref(reference)
        for action in actions if ":sqs:" in resource else ():
            _require(config["Role"], action, resource)

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
            _require(target["RoleArn"], "lambda:InvokeFunction", target["Arn"])
        invoke_target(target, *event)

    eventbridge._invoke_target = invoke


def _require(role: str, action: str, resource: str) -> None:
    account = role.split(":")[4]
    call = iam_evaluator.EvalContext(role, "AssumedRole", account, action, resource, get_region())
    policies = iam_evaluator._gather_role_policies(role.rsplit("/", 1)[-1], account)
    if iam_evaluator.evaluate(call, policies).decision != "Allow":
        raise ValueError(f"AccessDenied: {role} may not perform {action} on {resource}")


def functions_see_their_package_alone() -> None:
    """Bridge: a function imports from its package and the standard library, and nowhere else.

    Lambda's runtime has little else. The emulator runs functions on its own interpreter, whose
    libraries would hide that the package lacks one.
    """
    detect = lambda_runtime._detect_runtime_binary

    def base_interpreter(runtime: str) -> tuple[str, str]:
        binary, script = detect(runtime)
        return (sys._base_executable if binary == sys.executable else binary), script

    lambda_runtime._detect_runtime_binary = base_interpreter


ALL = (
    parameters_reach_sam,
    refused_types_are_recorded,
    alarms_over_metric_math_are_recorded,
    http_api_from_its_body,
    invoke_configuration_of_an_alias,
    events_are_sent_asynchronously,
    secrets_are_known_by_their_arn,
    roles_are_asked,
    functions_see_their_package_alone,
)
