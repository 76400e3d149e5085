"""Values for the secrets of a service that nobody has written: on the emulator, plain ones."""

from contextlib import suppress
from pathlib import Path

import yaml

from golden_path.local.emulator import Emulator

ANSWERS = Path(".copier-answers.yml")  # of the service, in whose folder this runs


def give_values(local: Emulator) -> None:
    """Write `local-NAME` where a secret of level medium has no value; one of level high has one.

    On AWS a person writes the first by `make put-secret`, and CloudFormation generates the second.
    """
    answers = yaml.safe_load(ANSWERS.read_text())
    store = local.client("ssm")
    for name, entry in answers["secrets"].items():
        level = entry if isinstance(entry, str) else entry["level"]
        if level == "medium":
            path = f"/{answers['service_name']}/{local.environment}/{name}"
            with suppress(store.exceptions.ParameterAlreadyExists):  # it stays as somebody wrote it
                store.put_parameter(Name=path, Value=f"local-{name}", Type="SecureString")
