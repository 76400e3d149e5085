"""Rotation of a secret: Secrets Manager calls the function once for each of four steps.

createSecret generates a new value, setSecret makes the other system accept it, testSecret tries it,
finishSecret makes it the one in use. Secrets Manager repeats steps: each does its work once. Until
the last one the value in use stays, so a rotation that fails on its way stops nothing.

For a while the old value and the new one are both in use: functions remember the old one until it
is refused or has aged. The other system must accept both, as it does when it keeps two keys.
"""

from collections.abc import Callable
from typing import Any

from service.adapters import aws, telemetry

CURRENT, PENDING = "AWSCURRENT", "AWSPENDING"
LENGTH = 48  # characters


class NotWritten(Exception):
    """A step that only the owner of the secret can write is not written yet."""


class NotRotating(Exception):
    """Secrets Manager has begun no rotation to this version."""


def handler(
    set_secret: Callable[[str, str], None], try_secret: Callable[[str], None]
) -> Callable[[Any, Any], None]:
    """Turn the two steps that differ from secret to secret into a Lambda handler.

    `set_secret` gets the current and the new value, `try_secret` the new one. Both may be called
    again with the same values; an error in them ends the rotation, and the current value stays.
    """
    secrets = aws.client("secretsmanager")

    def entry(event: dict[str, Any], _context: Any) -> None:
        secret, version, step = event["SecretId"], event["ClientRequestToken"], event["Step"]
        telemetry.logger.set_correlation_id(version)
        stages = secrets.describe_secret(SecretId=secret)["VersionIdsToStages"]
        if CURRENT in stages.get(version, []):
            telemetry.logger.info("The new value is in use already", extra={"step": step})
            return
        if PENDING not in stages.get(version, []):
            raise NotRotating(f"version {version} of {secret} is not pending")
        match step:
            case "createSecret":
                _create(secrets, secret, version)
            case "setSecret":
                current, pending = _value(secrets, secret), _value(secrets, secret, version)
                set_secret(current, pending)
            case "testSecret":
                try_secret(_value(secrets, secret, version))
            case "finishSecret":
                _finish(secrets, secret, version, stages)
            case _:
                raise ValueError(f"{step} is no step of a rotation")
        telemetry.logger.info("A step of the rotation is done", extra={"step": step})

    return telemetry.instrumented(entry)


def _create(secrets: Any, secret: str, version: str) -> None:
    try:
        _value(secrets, secret, version)
    except secrets.exceptions.ResourceNotFoundException:
        made = secrets.get_random_password(PasswordLength=LENGTH, ExcludePunctuation=True)
        secrets.put_secret_value(
            SecretId=secret,
            ClientRequestToken=version,
            SecretString=made["RandomPassword"],
            VersionStages=[PENDING],
        )


def _value(secrets: Any, secret: str, version: str | None = None) -> str:
    """Return the value in use, or that of the version which is pending."""
    which = {"VersionId": version, "VersionStage": PENDING} if version else {}
    return secrets.get_secret_value(SecretId=secret, **which)["SecretString"]


def _finish(secrets: Any, secret: str, version: str, stages: dict[str, list[str]]) -> None:
    before = next(one for one, labels in stages.items() if CURRENT in labels)
    secrets.update_secret_version_stage(
        SecretId=secret, VersionStage=CURRENT, MoveToVersionId=version, RemoveFromVersionId=before
    )
