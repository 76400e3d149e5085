"""Typed input: every error is named, not only the first."""

import pytest
from msgspec import Struct

from service.adapters.validation import Invalid, parse


class Parcel(Struct, forbid_unknown_fields=True):
    label: str
    grams: int
    fragile: bool = False


def errors_of(content: str | bytes) -> list[str]:
    with pytest.raises(Invalid) as caught:
        parse(content, Parcel)
    return caught.value.errors


def test_good_input_becomes_the_type() -> None:
    assert parse('{"label": "A", "grams": 5}', Parcel) == Parcel(label="A", grams=5)


def test_each_error_is_told() -> None:
    errors = errors_of('{"grams": "heavy", "fragile": 1, "colour": "red"}')
    assert [error.split(":")[0] for error in errors] == ["colour", "label", "grams", "fragile"]


@pytest.mark.parametrize("content", ["", "{", b"\xff", '{"label": '])
def test_what_is_no_json_is_told_so(content: str | bytes) -> None:
    (error,) = errors_of(content)
    assert error.startswith("not JSON")


def test_json_that_is_no_object_is_told_so() -> None:
    assert errors_of("[]") == ["Expected `object`, got `array`"]
