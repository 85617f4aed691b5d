"""Cases as JSON: exact, readable, and parsed as the data of a stranger.

An array is ``{"shape": [2, 2], "entries": [["1", "0"], ["0", "1/2"]]}``: the shape is explicit, so that a 2 x 0 matrix
survives, and every entry is a string "p" or "p/q".  A dataclass is an object with its fields; the type of a whole case
has a short name that is looked up among the types that its claim knows.  Nothing is evaluated, imported or unpickled,
and whatever cannot be read back is not written either.
"""

from __future__ import annotations

import dataclasses
import inspect
import math
import re
import sys
import types
import typing
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from typing import Any, TypeVar

import numpy as np

from theorems.case import Array, CountCase, fraction, unaliased
from theorems.claim import Claim
from theorems.digest import reached
from theorems.errors import InputError
from theorems.judge.strict_json import describe, fields_of, integer_of, short, string_of

MAX_DIGITS = 2_000
MAX_ENTRIES = 100_000
MAX_DIMENSION = 256
MAX_AXES = 4

#: The modules whose cases any claim may have.
COMMON = (
    "theorems.case", "theorems.models.inputs", "theorems.models.linear", "theorems.models.relu",
    "theorems.models.transformer",
)  # fmt: skip

_RATIONAL = re.compile(r"-?[0-9]+(/[0-9]+)?")
T = TypeVar("T")


# types --------------------------------------------------------------------------------------------------------------


def type_name(kind: type) -> str:
    """The name under which a case type is stored: its own, or the one that it declares as ``CASE``.

    A type that is renamed declares its former name; two types of one name declare different ones.
    """
    declared = vars(kind).get("CASE")
    return declared if isinstance(declared, str) else kind.__qualname__


def case_types(claim: Claim) -> dict[str, type]:
    """The types a case of `claim` may have, by their stored names.

    They are the cases of `theorems` itself, those that the module of the statement knows, and those that the statement
    reaches; where names agree, the later of these counts.
    """
    namespace = getattr(inspect.unwrap(claim.statement), "__globals__", {})
    known = [vars(sys.modules[name]) for name in COMMON if name in sys.modules]
    found = {type_name(v): v for names in (*known, namespace) for v in list(names.values()) if is_case_type(v)}
    return found | {type_name(v): v for v in reached(claim.statement) if isinstance(v, type) and is_case_type(v)}


def is_case_type(kind: object) -> bool:
    """Whether `kind` is a frozen dataclass all of whose fields can be stored."""
    return isinstance(kind, type) and not _objection(kind)


@cache
def _objection(kind: type) -> str:
    """Why values of `kind` cannot be stored; nothing where they can."""
    if not dataclasses.is_dataclass(kind) or not getattr(kind, "__dataclass_params__").frozen:  # noqa: B009
        return "it is no frozen dataclass"
    try:
        hints = _hints(kind)
    except (NameError, AttributeError) as error:
        return f"its annotations cannot be resolved ({error})"
    for name, hint in hints.items():
        if not _storable(hint, kind):
            return f"its field {name!r} is neither Array, int, str, a tuple of these, nor another such dataclass"
    return ""


def _storable(hint: Any, inside: type) -> bool:
    hints = [h for h in _alternatives(hint) if h is not type(None)]
    if len(hints) != 1:
        return False
    hint = hints[0]
    if typing.get_origin(hint) is tuple:
        return all(_storable(item, inside) for item in typing.get_args(hint) if item is not Ellipsis)
    return _is_array(hint) or hint in (int, str) or hint is inside or is_case_type(hint)


def _hints(kind: type) -> dict[str, Any]:
    """The annotations of the fields that make a value of `kind`."""
    hints = typing.get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind) if field.init}


def _alternatives(hint: Any) -> tuple[Any, ...]:
    """The members of ``X | None``; of anything else, itself; without aliases."""
    hint = unaliased(hint)
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return tuple(member for each in typing.get_args(hint) for member in _alternatives(each))
    return (hint,)


def _items(hint: Any, count: int) -> Sequence[Any]:
    """The types of the items of a tuple that has `count` items; as many as it ought to have."""
    arguments = typing.get_args(hint)
    return [arguments[0]] * count if len(arguments) == 2 and arguments[1] is Ellipsis else arguments


def _is_array(hint: Any) -> bool:
    return hint is np.ndarray or typing.get_origin(hint) is np.ndarray


# encoding -----------------------------------------------------------------------------------------------------------


def encode(case: Any, claim: Claim) -> dict[str, Any]:
    """A case as JSON data.  Raises `InputError` for what `decode` would refuse."""
    kind = type(case)
    objection = _objection(kind)  # type: ignore[arg-type]  # mypy: type[Any] is not hashable
    if not objection and case_types(claim).get(type_name(kind)) is not kind:
        objection = "it does not stand at the top of the module of the statement"
    if objection:
        raise InputError(f"a case of type {kind.__qualname__} could not be read back: {objection}")
    data = {"type": type_name(kind), "fields": _encode(kind, case, "case")}
    decode(data, claim)
    return data


def _encode(hint: Any, value: Any, at: str) -> Any:
    hints = [h for h in _alternatives(hint) if h is not type(None)]
    if value is None and len(hints) < len(_alternatives(hint)):
        return None
    hint = hints[0]
    if _is_array(hint):
        array = np.asarray(value)
        return {"shape": list(array.shape), "entries": _encode_entries(array, at)}
    if hint in (int, str):
        return int(value) if hint is int and isinstance(value, np.integer) else value
    if typing.get_origin(hint) is tuple:
        inner = _items(hint, len(value))
        if len(inner) != len(value):
            raise InputError(f"{at}: {len(value)} items, its type {hint} has {len(inner)}")
        return [_encode(h, item, f"{at}[{i}]") for i, (h, item) in enumerate(zip(inner, value, strict=True))]
    if type(value) is not hint:
        raise InputError(f"{at}: a {type(value).__name__} where its type says {hint.__name__}")
    return {name: _encode(h, getattr(value, name), f"{at}.{name}") for name, h in _hints(hint).items()}


def _encode_entries(array: Array, at: str) -> Any:
    if array.ndim == 0:
        number = fraction(array.item())
        if max(number.numerator.bit_length(), number.denominator.bit_length()) > 4 * MAX_DIGITS:
            raise InputError(f"{at}: an entry of more than {MAX_DIGITS} digits: round it, or shrink the case")
        return str(number)
    return [_encode_entries(np.asarray(row, dtype=array.dtype), at) for row in array]


# decoding -----------------------------------------------------------------------------------------------------------


def decode(data: Any, claim: Claim) -> Any:
    """The exact case that `encode` wrote."""
    case = fields_of(data, ("type", "fields"), "case")
    name = string_of(case["type"], "case.type")
    kind = case_types(claim).get(name.rpartition(":")[2])  # formats 1 and 2 wrote module:name
    if kind is None:
        raise InputError(f"case.type: {short(name)} is not a type of cases that {claim.key} knows")
    each = claim.largest if isinstance(claim.largest, tuple) else (claim.largest,)
    made = _Decoder(max(each)).value(kind, case["fields"], "case.fields")
    for i, (value, most) in enumerate(zip(made.values, each, strict=False) if isinstance(made, CountCase) else ()):
        if value > most:
            raise InputError(f"case.fields.values[{i}]: {value} is too large: {claim.key} takes at most {most} there")
    return made


class _Decoder:
    """Decodes one case; `entries` counts what it has made so far.

    Integers are sizes, at most `largest`, unless a case type has a `MAX_INTEGER` of its own (for measurements, which
    nothing is made of).
    """

    def __init__(self, largest: int) -> None:
        self.entries = 0
        self.most = largest

    def value(self, hint: Any, value: Any, at: str) -> Any:
        hints = [h for h in _alternatives(hint) if h is not type(None)]
        if value is None and len(hints) < len(_alternatives(hint)):
            return None
        hint = hints[0]
        if _is_array(hint):
            return self.array(value, at)
        if hint is int:
            return integer_of(value, at, self.most)
        if hint is str:
            return string_of(value, at)
        if typing.get_origin(hint) is tuple:
            return self.tuple(hint, value, at)
        return self.dataclass(hint, value, at)

    def tuple(self, hint: Any, value: Any, at: str) -> Any:
        if not isinstance(value, list):
            raise InputError(f"{at}: {describe(value)} where a list is expected")
        inner = _items(hint, len(value))
        if len(inner) != len(value):
            raise InputError(f"{at}: a list of {len(value)} where {len(inner)} items are expected")
        return tuple(self.value(h, item, f"{at}[{i}]") for i, (h, item) in enumerate(zip(inner, value, strict=True)))

    def dataclass(self, kind: type[T], value: Any, at: str) -> T:
        hints = _hints(kind)
        given = fields_of(value, tuple(hints), at)
        outer, self.most = self.most, getattr(kind, "MAX_INTEGER", self.most)
        arguments = {name: self.value(hint, given[name], f"{at}.{name}") for name, hint in hints.items()}
        self.most = outer
        try:
            return kind(**arguments)
        except (ValueError, TypeError) as error:  # a case type may check itself
            raise InputError(f"{at}: {error}") from None

    def array(self, value: Any, at: str) -> Array:
        given = fields_of(value, ("shape", "entries"), at)
        if not isinstance(given["shape"], list) or len(given["shape"]) > MAX_AXES:
            raise InputError(f"{at}.shape: expected a list of at most {MAX_AXES} dimensions")
        shape = tuple(
            integer_of(n, f"{at}.shape[{i}]", MAX_DIMENSION, least=0) for i, n in enumerate(given["shape"])
        )
        self.entries += math.prod(shape)
        if self.entries > MAX_ENTRIES:
            raise InputError(f"{at}: more than {MAX_ENTRIES} entries in one case: shrink it")
        result = np.empty(shape, dtype=object)
        flat: list[Fraction] = []
        self._collect(given["entries"], shape, f"{at}.entries", flat)
        for i, entry in enumerate(flat):
            result.flat[i] = entry
        return result

    def _collect(self, value: Any, shape: Sequence[int], at: str, flat: list[Fraction]) -> None:
        """The entries of nested lists of exactly `shape`, in order."""
        if not shape:
            flat.append(entry_of(value, at))
            return
        if not isinstance(value, list):
            raise InputError(f"{at}: {describe(value)} where a list of {shape[0]} is expected: compare the shape")
        if len(value) != shape[0]:
            raise InputError(f"{at}: a list of {len(value)} where the shape says {shape[0]}: correct one of them")
        for i, item in enumerate(value):
            self._collect(item, shape[1:], f"{at}[{i}]", flat)


def entry_of(value: Any, at: str) -> Fraction:
    """An entry "p" or "p/q" as a Fraction."""
    if not isinstance(value, str):
        raise InputError(f"{at}: {describe(value)} where a string such as '3' or '-1/2' is expected")
    if len(value) > MAX_DIGITS + 2:
        raise InputError(f"{at}: an entry of {len(value)} characters: at most {MAX_DIGITS} digits are allowed")
    if not _RATIONAL.fullmatch(value):
        raise InputError(f"{at}: {short(value)} is not an exact number: write it as '3' or '-1/2'")
    if sum(character.isdigit() for character in value) > MAX_DIGITS:
        raise InputError(f"{at}: an entry of more than {MAX_DIGITS} digits: round it, or shrink the case")
    top, _, bottom = value.partition("/")
    if bottom and int(bottom) == 0:
        raise InputError(f"{at}: {short(value)} has a zero denominator")
    return Fraction(int(top), int(bottom or 1))
