"""JSON as the data of a stranger: strict when read, aligned when written.

Every complaint is an `InputError` of one line that says what, where (a path inside the JSON) and what to do.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from typing import Any

from theorems.errors import InputError

MAX_BYTES = 1 << 20
MAX_INTEGER_DIGITS = 2_000
MAX_STRING = 10_000
#: Categories of characters that make text look other than it is: controls, changes of direction, no width, line ends.
_UNPRINTABLE = ("Cc", "Cf", "Cs", "Zl", "Zp")


def parse(data: bytes) -> Any:
    """Strict JSON: UTF-8, no duplicate keys, no NaN or Infinity, no numbers of absurd length."""
    if len(data) > MAX_BYTES:
        raise InputError(f"larger than {MAX_BYTES // 1024} KiB: no witness needs that; shrink the case")
    try:
        return json.loads(
            data.decode("utf-8"), object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer
        )
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 text (byte {error.start}): is this a JSON file?") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise InputError(f"not JSON: {error.msg} ({place}): is the file truncated?") from None
    except RecursionError:
        raise InputError("nested too deeply: no witness needs that") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in pairs:
        if key in result:
            raise InputError(f"the key {short(key)} occurs twice in one object: keep one of them")
        result[key] = value
    return result


def _constant(word: str) -> Any:
    raise InputError(f"{word} is no number: every entry must be finite, and a string such as '1/2'")


def _integer(digits: str) -> int:
    if len(digits) > MAX_INTEGER_DIGITS:
        raise InputError(f"an integer of {len(digits)} digits: at most {MAX_INTEGER_DIGITS} are allowed")
    return int(digits)


def layout(value: Any, *, ascii_only: bool = False) -> str:
    """JSON for people: scalars of a list on one line, so that a matrix has one line a row, its columns aligned."""
    return _layout(value, "\n", ascii_only)


def _layout(value: Any, newline: str, ascii_only: bool) -> str:
    inner = newline + "  "
    if isinstance(value, dict) and value:
        items = [f"{json.dumps(key)}: {_layout(item, inner, ascii_only)}" for key, item in value.items()]
        return "{" + inner + f",{inner}".join(items) + newline + "}"
    if isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        return "[" + inner + f",{inner}".join(_rows(value, inner, ascii_only)) + newline + "]"
    return json.dumps(value, ensure_ascii=ascii_only)


def _rows(rows: list[Any], newline: str, ascii_only: bool) -> list[str]:
    if all(isinstance(row, list) and len(row) == len(rows[0]) and all(isinstance(x, str) for x in row) for row in rows):
        texts = [[json.dumps(entry, ensure_ascii=ascii_only) for entry in row] for row in rows]
        widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
        return ["[" + ", ".join(t.rjust(w) for t, w in zip(row, widths, strict=True)) + "]" for row in texts]
    return [_layout(row, newline, ascii_only) for row in rows]


def fields_of(value: Any, names: Sequence[str], at: str) -> dict[str, Any]:
    """`value` as an object with exactly these keys."""
    if not isinstance(value, dict):
        raise InputError(f"{at}: {describe(value)} where an object is expected")
    for name in names:
        if name not in value:
            raise InputError(f"{at}: the field {name!r} is missing")
    for key in value:
        if key not in names:
            known = ", ".join(names) or "none at all"
            raise InputError(f"{at}: unknown field {short(key)}: the fields are {known}")
    return value


def string_of(value: Any, at: str) -> str:
    """`value` as a string that can be printed on one line."""
    if not isinstance(value, str):
        raise InputError(f"{at}: {describe(value)} where a string is expected")
    if len(value) > MAX_STRING:
        raise InputError(f"{at}: a string of {len(value)} characters: at most {MAX_STRING} are allowed")
    if any(unicodedata.category(character) in _UNPRINTABLE for character in value):
        raise InputError(f"{at}: {short(value)} holds a control character: remove it")
    return value


def integer_of(value: Any, at: str, most: int, least: int | None = None) -> int:
    """`value` as an integer of limited size."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise InputError(f"{at}: {describe(value)} where an integer is expected")
    least = -most if least is None else least
    if not least <= value <= most:
        raise InputError(f"{at}: {short(value)} is out of range: it must lie between {least} and {most}")
    return value


def describe(value: Any) -> str:
    """What a piece of JSON is, in a word or two."""
    if value is None:
        return "null"
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "an object"
    word = {bool: "the boolean", int: "the integer", float: "the float", str: "the string"}[type(value)]
    return f"{word} {short(value)}"


def printable(text: str) -> str:
    """The text with what a terminal would act upon written out: escapes, line ends, changes of direction, no width."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def short(value: Any) -> str:
    """A value of a stranger, safe to print: escaped, and cut to a few dozen characters."""
    text = ascii(value if not isinstance(value, str) else value[:60])
    return text if len(text) <= 60 else text[:56] + "..." + (text[-1] if isinstance(value, str) else "")
