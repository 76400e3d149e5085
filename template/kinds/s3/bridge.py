"""S3: how a file comes to a function."""

from typing import Any

from ministack.core import iam_evaluator
from ministack.services import s3

from golden_path.local.bridges.cloudformation import RESOURCES, Created, Record
from golden_path.local.bridges.roles import permits


def buckets_ask_for_permission() -> None:
    """Bridge: a bucket needs the permission of the function that it tells of its files.

    S3 refuses to be told of a function that it may not invoke, and what it may not deliver later is
    lost. The emulator invokes every function.
    """
    bucket, deliver = RESOURCES["AWS::S3::Bucket"], s3._deliver_event_to_lambda
    create, update = bucket["create"], bucket["update"]

    def check(name: str, properties: Record) -> None:
        told = properties.get("NotificationConfiguration", {}).get("LambdaConfigurations", [])
        for function in (one["Function"] for one in told):
            if not permits(function, "s3.amazonaws.com", f"arn:aws:s3:::{name}"):
                raise ValueError("Unable to validate the following destination configurations")

    def create_permitted(logical_id: str, properties: Record, stack: str) -> Created:
        check(properties.get("BucketName", ""), properties)
        return create(logical_id, properties, stack)

    def update_permitted(name: str, old: Record, new: Record, stack: str) -> Created:
        check(name, new)
        return update(name, old, new, stack)

    def deliver_permitted(function: str, event: Record, *rest: Any) -> None:
        if permits(function, "s3.amazonaws.com", event["Records"][0]["s3"]["bucket"]["arn"]):
            deliver(function, event, *rest)

    bucket.update(create=create_permitted, update=update_permitted)
    s3._deliver_event_to_lambda = deliver_permitted


def requests_are_encrypted() -> None:
    """Bridge: a request counts as one over TLS.

    Clients of AWS use nothing else. The emulator has no certificate, and a policy that refuses
    plain HTTP would refuse every request. So no test sees that it refuses one.
    """
    resolve = iam_evaluator._resolve_condition_key

    def resolve_encrypted(key: str, context: Any) -> Any:
        return "true" if key.lower() == "aws:securetransport" else resolve(key, context)

    iam_evaluator._resolve_condition_key = resolve_encrypted


ALL = (buckets_ask_for_permission, requests_are_encrypted)
