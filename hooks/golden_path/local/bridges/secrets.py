"""Secrets Manager: what a rotation begins with."""

import json
from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import secretsmanager

from golden_path.local.bridges.cloudformation import Record


def versions_begin_without_a_value() -> None:
    """Bridge: a version of a secret that has no value yet is not found by those who read it.

    Secrets Manager begins a rotation with such a version. The emulator answers without a value.
    """
    read = secretsmanager._get_secret_value

    def read_value(asked: Record) -> Any:
        answer = read(asked)
        found = json.loads(answer[2])
        if "VersionId" in found and not {"SecretString", "SecretBinary"} & found.keys():
            sentence = f"Version {found['VersionId']} has no value yet."
            return error_response_json("ResourceNotFoundException", sentence, 400)
        return answer

    secretsmanager._get_secret_value = read_value
