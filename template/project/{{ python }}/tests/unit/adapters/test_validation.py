"""Typed input: every error is named, not only the first."""

import enum
import traceback
from typing import Literal

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


@pytest.mark.parametrize("key", ["constructor", "__proto__", "__class__"])
def test_a_key_of_every_object_is_unknown(key: str) -> None:
    assert errors_of(f'{{"label": "A", "grams": 5, "{key}": 1}}') == [f"{key}: unknown field"]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        b"\xff",
        '{"label": ',
        '\ufeff{"label": "A", "grams": 5}',
        '{"label": "\\ud83d", "grams": 5}',
        '{"label": "A", "grams": 1e400}',
        "[" * 200_000,
        "[" * 100_000 + "]" * 100_000,
    ],
    ids=lambda content: repr(content)[:40],
)
def test_what_is_no_json_is_told_so(content: str | bytes) -> None:
    (error,) = errors_of(content)
    assert error.startswith("not JSON")


def test_json_that_is_no_object_is_told_so() -> None:
    assert errors_of("[]") == ["Expected `object`, got `array`"]


@pytest.mark.parametrize("grams", ["5.0", "5e2"])
def test_an_integer_is_written_as_one(grams: str) -> None:
    errors = errors_of(f'{{"label": "A", "grams": {grams}}}')
    assert errors == ["grams: Expected `int`, got `float`"]


class Size(enum.Enum):
    LARGE = "large"


class Box(Struct, tag="box"):
    pass


class Bag(Struct, tag="bag"):
    pass


class Sent(Struct):
    size: Size = Size.LARGE
    class_: Literal[1, 2] = 1
    kinds: list[Box | Bag] = []


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{"size": "private"}', "size: Invalid enum value"),
        ('{"size": "private\'s - at `$.x`"}', "size: Invalid enum value"),
        ('{"class_": 31337}', "class_: Invalid enum value"),
        ('{"kinds": [{"type": "private"}]}', "kinds: Invalid value - at `$[0].type`"),
        ('{"size": private}', "not JSON: JSON is malformed: invalid character (byte 9)"),
    ],
)
def test_an_error_does_not_repeat_what_was_sent(content: str, expected: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse(content, Sent)
    assert caught.value.errors == [expected]
    logged = "".join(traceback.format_exception(caught.value))
    assert not [value for value in ("private", "31337") if value in logged], logged


def test_many_errors_are_cut_and_so_is_a_long_one() -> None:
    names = [f'"{"x" * 500}{number}": 1' for number in range(500)]
    errors = errors_of(f"{{{', '.join(names)}}}")
    assert len(errors) == 100
    assert len(errors[0]) == 200
