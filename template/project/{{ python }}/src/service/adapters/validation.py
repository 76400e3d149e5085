"""Typed input: what comes from outside becomes a type of the domain, or a list of errors."""

import re
from typing import Any

import msgspec

# An error names what was sent: without bounds, the answer could be larger than Lambda may return.
MOST_ERRORS = 100
LONGEST_ERROR = 200  # characters

# What msgspec quotes of the input is left out: answers and logs are no place for it.
QUOTED = re.compile(r"^(Invalid (?:enum )?value) .*['\"\d](?= - at `|$)")


class Invalid(Exception):
    """What came from outside is not what it should be; `errors` has one line for each reason."""

    def __init__(self, errors: list[str]) -> None:
        self.errors = [error[:LONGEST_ERROR] for error in errors[:MOST_ERRORS]]
        super().__init__("; ".join(self.errors))


def parse[T: msgspec.Struct](content: str | bytes, type_: type[T]) -> T:
    """Read JSON as `type_`, or raise `Invalid` with every error in it."""
    try:
        document = msgspec.json.decode(content)
    except msgspec.DecodeError as error:
        raise Invalid([f"not JSON: {error}"]) from None
    except UnicodeError:
        raise Invalid(["not JSON: not UTF-8"]) from None
    except RecursionError:
        raise Invalid(["not JSON: nested too deeply"]) from None
    try:
        return msgspec.convert(document, type_)
    except msgspec.ValidationError as error:
        # Not from the error, which would be logged beside it with the value.
        raise Invalid(_errors(document, type_) or [unquoted(error)]) from None


def unquoted(error: msgspec.ValidationError) -> str:
    """Return the message of an error without the value that it is about."""
    return QUOTED.sub(r"\1", str(error))


def _errors(document: Any, type_: type[msgspec.Struct]) -> list[str]:
    """Look at each field by itself: msgspec alone stops at the first error."""
    if not isinstance(document, dict):
        return []
    fields = {field.encode_name: field for field in msgspec.structs.fields(type_)}
    errors = [f"{name}: unknown field" for name in document if name not in fields]
    for name, field in fields.items():
        if name not in document:
            errors += [f"{name}: missing"] if field.required else []
            continue
        try:
            msgspec.convert(document[name], field.type)
        except msgspec.ValidationError as error:
            errors.append(f"{name}: {unquoted(error)}")
    return errors
