"""A template, SAM or plain CloudFormation: its source, and what AWS makes of it."""

from __future__ import annotations

import copy
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from golden_path.document import CannotJudge, Document
from golden_path.intrinsics import as_list, dig

SAM = "AWS::Serverless-2016-10-31"
SERVERLESS = "AWS::Serverless::"
# Any region will do: no rule depends on it, but the transform refuses to work without one.
REGION = "eu-west-1"
# Carried through the transform in Metadata, so that each generated resource names its maker.
OWNER = "golden-path-owner"

# The transform logs each refusal with a traceback; what it refuses is told once, by CannotJudge.
logging.getLogger("samtranslator").addHandler(logging.NullHandler())

STUB_OBJECT = "s3://built/later"
# What the transform wants to find uploaded, and `sam package` puts there later. For an application
# of the repository it would ask AWS, with whatever credentials there are.
UPLOADED = {
    "AWS::Serverless::Application": "Location",
    "AWS::Serverless::LayerVersion": "ContentUri",
    "AWS::Serverless::StateMachine": "DefinitionUri",
    "AWS::Serverless::Api": "DefinitionUri",
    "AWS::Serverless::HttpApi": "DefinitionUri",
}


@dataclass(frozen=True)
class Template:
    """Source and translation side by side; `owners` leads from the one to the other."""

    source: Document
    resources: dict[str, dict[str, Any]]
    owners: dict[str, str]


def load(path: Path) -> Template:
    """Reads and translates a template, or says why it cannot be judged."""
    return parse(Document.read(path))


def parse(source: Document) -> Template:
    """Translates a document that was read already; plain CloudFormation is its own translation."""
    if _is_plain(source):
        resources = source.data["Resources"]
        return Template(source, resources, {logical_id: logical_id for logical_id in resources})
    if not is_sam(source):
        raise CannotJudge(f"{source.name} is no SAM template: it lacks `Transform: {SAM}`.")
    translated = translate(source)
    resources = {
        logical_id: body
        for logical_id, body in translated.get("Resources", {}).items()
        if isinstance(body, dict)
    }
    owners = {
        logical_id: dig(body, "Metadata", OWNER)
        for logical_id, body in resources.items()
        if dig(body, "Metadata", OWNER)
    }
    return Template(source, resources, owners)


def is_sam(source: Document) -> bool:
    """Whether it asks for the SAM transform."""
    return SAM in as_list(dig(source.data, "Transform"))


def _is_plain(source: Document) -> bool:
    """Whether CloudFormation takes it as it stands: never what only SAM knows."""
    resources = dig(source.data, "Resources")
    return (
        "Transform" not in source.data
        and isinstance(resources, dict)
        and all(isinstance(body, dict) for body in resources.values())
        and not any(str(body.get("Type")).startswith(SERVERLESS) for body in resources.values())
    )


def translate(source: Document) -> dict[str, Any]:
    """Returns the whole template as the transform leaves it to CloudFormation."""
    # Imported here because it takes a second, which listing the rules need not wait for.
    from boto3 import Session
    from samtranslator.model.exceptions import ExceptionWithMessage, InvalidDocumentException
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator

    try:
        return Translator(None, Parser(), boto_session=Session(region_name=REGION)).translate(
            _prepare(source.data),
            parameter_values=_missing_parameters(source.data),
            passthrough_metadata=True,
            # Names of managed policies resolve to themselves; a rule refuses them anyway.
            get_managed_policy_map=dict,
        )
    except InvalidDocumentException as error:
        reasons = " ".join(cause.message for cause in error.causes)
    except ExceptionWithMessage as error:
        reasons = error.message
    except Exception as error:  # noqa: BLE001
        # On shapes it does not expect, the transform fails with whatever Python raises.
        reasons = f"the SAM transform fails on it ({type(error).__name__}: {error})."
    raise CannotJudge(f"{source.name} cannot be translated: {reasons}") from None


def _prepare(data: dict[str, Any]) -> dict[str, Any]:
    """A copy that the transform takes before anything is built, each resource tagged."""
    prepared = copy.deepcopy(data)
    globals_ = dig(prepared, "Globals", "Function")
    packaged = isinstance(globals_, dict) and globals_.get("PackageType")
    if isinstance(globals_, dict):
        globals_.pop("CodeUri", None)
    for logical_id, resource in (dig(prepared, "Resources") or {}).items():
        if not isinstance(resource, dict):
            continue
        metadata = resource.get("Metadata")
        resource["Metadata"] = {
            **(metadata if isinstance(metadata, dict) else {}),
            OWNER: logical_id,
        }
        properties = resource.setdefault("Properties", {})
        if not isinstance(properties, dict):
            continue
        kind = resource.get("Type")
        if kind == "AWS::Serverless::Function":
            if properties.get("PackageType", packaged) == "Image":
                properties["ImageUri"] = STUB_OBJECT
            elif "InlineCode" not in properties:
                properties["CodeUri"] = STUB_OBJECT
        elif isinstance(kind, str) and UPLOADED.get(kind) in properties:
            properties[UPLOADED[kind]] = STUB_OBJECT
    return prepared


def _missing_parameters(data: dict[str, Any]) -> dict[str, str]:
    """A value for each parameter that has no default: the transform resolves some of them."""
    parameters = dig(data, "Parameters")
    return {
        name: str((as_list(dig(body, "AllowedValues")) or ["1"])[0])
        for name, body in (parameters if isinstance(parameters, dict) else {}).items()
        if dig(body, "Default") is None
    }
