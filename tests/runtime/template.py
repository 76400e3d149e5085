"""What a service's template.yaml sets for each of its functions in an environment."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from golden_path.document import Document
from golden_path.intrinsics import function_of

from tests.runtime.functions import Function

ARN = "arn:aws:{}:eu-west-1:123456789012:{}"


def functions_of(service: Path, environment: str, **parameters: str) -> dict[str, Function]:
    """Return the functions as they are built for this machine, by the names of their modules.

    `parameters` go before those of `environment`.
    """
    template = Document.read(service / "template.yaml").data
    config = json.loads((service / "config" / f"{environment}.json").read_text())
    values = _Values(template["Resources"], config["Parameters"] | parameters)
    shared = template["Globals"]["Function"]
    return {
        body["Properties"]["Handler"].split(".")[-2]: _function(service, shared, body, values)
        for body in template["Resources"].values()
        if body["Type"] == "AWS::Serverless::Function"
    }


def beside(function: Function, module: str, other: str) -> Function:
    """Return a function as `module`'s, whose handler lies beside it in the module `other`."""
    folder = function.package
    return replace(
        function,
        package=folder.parent / other if folder.name == module else folder,
        handler=function.handler.replace(module, other),
    )


def _function(service: Path, shared: Any, body: Any, values: _Values) -> Function:
    own = body["Properties"]
    package = (shared | own)["CodeUri"]
    variables = shared["Environment"]["Variables"] | own.get("Environment", {}).get("Variables", {})
    logging = shared["LoggingConfig"] | own["LoggingConfig"]
    # What Lambda sets where LoggingConfig says so: both runtime clients read it.
    told = {
        "AWS_LAMBDA_LOG_FORMAT": logging["LogFormat"],
        "AWS_LAMBDA_LOG_LEVEL": values.of(logging["ApplicationLogLevel"]),
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(own["MemorySize"]),
    }
    return Function(
        service / package.replace(".build/package", ".build/local/package"),
        own["Handler"],
        told | {name: values.of(value) for name, value in variables.items()},
    )


class _Values:
    """What references are once the stack is made."""

    def __init__(self, resources: dict[str, Any], parameters: dict[str, str]) -> None:
        self.resources = resources
        self.parameters = parameters

    def of(self, value: Any) -> str:
        match function_of(value):
            case ("Ref", name):
                return self._reference(name)
            case ("Fn::Sub", str(text)):
                return re.sub(r"\$\{([^}]+)\}", lambda found: self._reference(found[1]), text)
            case ("Fn::Join", [separator, parts]):
                return separator.join(map(self.of, parts))
            case None:
                return str(value)
        raise AssertionError(f"nothing here knows what {value} becomes")

    def _reference(self, name: str) -> str:
        if name in self.parameters:
            return self.parameters[name]
        resource = name.partition(".")[0]
        match self.resources.get(resource, {}).get("Type"):
            case "AWS::SecretsManager::Secret":
                return ARN.format("secretsmanager", f"secret:{resource}-a1b2c3")
            case "AWS::Serverless::Function" if "." in name:
                return ARN.format("lambda", f"function:{resource}:1")
        return name
