"""CloudFormation: parameters, types that are recorded, identities of resources."""

import logging
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from ministack.services import secretsmanager
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
                RESOURCES[kind] = {"create": record, "delete": lambda *_: None}

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
        return (record if properties.get("Metrics") else create)(logical_id, properties, stack)

    def update_any(name: str, old: Record, new: Record, stack: str, logical_id: str) -> Created:
        if new.get("Metrics"):
            return record(logical_id, new, stack)
        return update(name, old, new, stack, logical_id)

    alarm.update(create=create_any, update=update_any)


def record(logical_id: str, _properties: Record, stack: str) -> Created:
    """Give a resource a name, and no more."""
    name = provisioners._physical_name(stack, logical_id, max_len=100)  # as CodeDeploy takes it
    return name, {"Arn": f"arn:aws:recorded:::{name}"}


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
