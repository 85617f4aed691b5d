"""Domains: what is promised of a case, as data.

A **case type** declares on its fields what its values are (`theorems.properties`), and a **strategy** promises more of
what it draws: sizes, structure, probabilities, order.  Both are a `Domain`, a list of rules on the leaves of a case,
known by their names ("matrices[0]", "error.U", "values[2]").  A domain is checked exactly (`Domain.flaw`), kept by
every part of a search, stored with a counterexample, and read by provers (`constraints`)::

    declared(case).flaw(case)          # "" where the case is what its type says
    for condition, name in constraints(case, num):
        yield suppose(condition, name)  # what a statement may take for granted

A type of your own needs no more than the declarations and ``def __post_init__(self): require(self)``.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any, TypeAlias

import numpy as np

from theorems.case import SVD, fraction
from theorems.errors import InputError
from theorems.properties import (
    PROPERTIES,
    RELATIONS,
    STRUCTURES,
    Array,
    Axes,
    Between,
    Bound,
    Bounded,
    Own,
    Property,
    Size,
)
from theorems.statement import Condition, Truth, at_most, equal


@dataclass(frozen=True)
class HasAxes:
    """The last axes of a leaf have these names; a tuple has one, its length, a decomposition those of its matrix."""

    leaf: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class HasSize:
    """An integer is the length of an axis."""

    leaf: str
    axis: str


@dataclass(frozen=True)
class Within:
    """Bounds, both included, of the length of an axis, of an integer, or of every entry of an array."""

    subject: str
    low: Bound
    high: Bound


@dataclass(frozen=True)
class Is:
    """The arrays at a leaf and inside it have a property."""

    leaf: str
    property: str


@dataclass(frozen=True)
class Tied:
    """A leaf is made of another one: "equal to", "opposite of" or "transpose of" it."""

    leaf: str
    relation: str
    other: str


Rule: TypeAlias = HasAxes | HasSize | Within | Is | Tied


@dataclass(frozen=True)
class Domain:
    """What is promised of a case.

    rules     what every case obeys
    as_drawn  whether nothing is known beyond the rules, so that only what was drawn is known to keep the promise
    measured  whether the cases are measurements, of which no other case is one
    """

    rules: tuple[Rule, ...] = ()
    as_drawn: bool = False
    measured: bool = False

    def __add__(self, other: Domain) -> Domain:
        rules = tuple(dict.fromkeys((*self.rules, *other.rules)))
        return Domain(rules, self.as_drawn or other.as_drawn, self.measured or other.measured)

    def flaw(self, case: object) -> str:
        """Why an exact case is outside; nothing where it is inside.

        Bounds may be of axes that only the type of the case names; these may be empty (no further stack of heads, say).
        """
        found = dict(leaves(case))
        axes = tuple(rule for rule in declared(case).rules if isinstance(rule, HasAxes | HasSize))
        own, flaw = _sizes(self, found)
        known = _sizes(Domain(axes), found)[0] | own
        return flaw or next((words for rule in self.rules if (words := _flaw(rule, found, known))), "")

    def without_largest(self) -> Domain:
        """The domain without the upper bounds of its axes: what a family of ever larger cases keeps.

        An axis of one length alone keeps it: a claim on 3 x 3 matrices says nothing of others.
        """
        axes = {name for rule in self.rules if isinstance(rule, HasAxes) for name in rule.names}
        return dataclasses.replace(
            self,
            rules=tuple(
                dataclasses.replace(rule, high=None)
                if isinstance(rule, Within) and rule.subject in axes and rule.low != rule.high
                else rule
                for rule in self.rules
            ),
        )

    def at(self, case: object) -> Domain:
        """The domain as data, where its bounds depend on the case."""
        return self

    def neighbours(self, case: object) -> Iterator[Any] | None:
        """Exact cases of a promise that no rule states, near one in floats that keeps it but for rounding; or None."""
        return None

    def entries(self, rule: Within, leaf: str) -> bool:
        """Whether a bound is one of the entries of the array at a leaf."""
        return _covers(rule.subject, leaf)

    def of(self, leaf: str) -> tuple[str, ...]:
        """The names of the properties that the array at a leaf has."""
        return tuple(rule.property for rule in self.rules if isinstance(rule, Is) and _covers(rule.leaf, leaf))


#: Nothing is promised beyond what the type of the case declares; and: nothing is known of what is promised.
ANY, AS_DRAWN = Domain(), Domain(as_drawn=True)
#: Measurements: a counterexample speaks of this matrix, and of no smaller or larger one.
MEASURED = Domain(as_drawn=True, measured=True)


def leaves(case: object, at: str = "") -> Iterator[tuple[str, Any]]:
    """Everything in a case by its name: arrays, integers, words, tuples, decompositions and other dataclasses."""
    if at:
        yield at, case
    if isinstance(case, tuple):
        for i, item in enumerate(case):
            yield from leaves(item, f"{at}[{i}]")
    elif dataclasses.is_dataclass(case) and not isinstance(case, type):
        for field in dataclasses.fields(case):
            yield from leaves(getattr(case, field.name), f"{at}.{field.name}" if at else field.name)


def sizes(domain: Domain, case: object) -> dict[str, int]:
    """The lengths of the axes by name.  Raises `InputError` where two arrays disagree."""
    found, flaw = _sizes(domain, dict(leaves(case)))
    if flaw:
        raise InputError(flaw)
    return found


def axes_of(case: object) -> dict[str, tuple[str, ...]]:
    """The axes that the fields of a case declare, by field."""
    named = (rule for rule in declared(case).rules if isinstance(rule, HasAxes))
    return {rule.leaf: rule.names for rule in named if "." not in rule.leaf}


def require(case: object) -> None:
    """Raises `InputError` unless the axes and bounds of a case are as its type declares, its sums and signs too.

    For ``__post_init__``.  Entries are judged where they are Fractions or floats; of floats, only sums and signs, up to
    rounding.
    """
    domain = declared(case)
    found = dict(leaves(case))
    known, flaw = _sizes(domain, found)
    for rule in domain.rules if not flaw else ():
        if isinstance(rule, Is) and rule.property in PROPERTIES and PROPERTIES[rule.property].in_floats is None:
            continue
        if flaw := _flaw(rule, found, known):
            break
    if flaw:
        raise InputError(flaw)


def constraints(case: object, num: Any) -> Iterator[tuple[Condition, str]]:
    """What a statement may take for granted of a case that `num` has loaded: (condition, name), one a rule.

    Axes and integers are settled by the shapes; what is left is conditions on entries.
    """
    domain = declared(case)
    found = dict(leaves(case))
    for rule in domain.rules:
        if isinstance(rule, Is) and rule.property in PROPERTIES:
            for leaf, array in _arrays(found, rule.leaf):
                if array.size:
                    yield PROPERTIES[rule.property].condition(array, num), f"{leaf}: {rule.property}"
        elif isinstance(rule, Tied):
            yield equal(found[rule.leaf], RELATIONS[rule.relation](found[rule.other])), _words(rule)
        elif isinstance(rule, Within):
            known, _ = _sizes(domain, found)
            low, high = _bound(rule.low, known), _bound(rule.high, known)
            for leaf, value in _at(found, rule.subject):
                if isinstance(value, np.ndarray):
                    unit = value * 0 + num.number(1)
                    if low is not None:
                        yield at_most(_times(low, unit, num), value), f"{leaf} >= {low}"
                    if high is not None:
                        yield at_most(value, _times(high, unit, num)), f"{leaf} <= {high}"
                elif isinstance(value, int):
                    inside = (low is None or low <= value) and (high is None or value <= high)
                    yield Truth(inside), _words(rule)


def _times(bound: int | Fraction, unit: Array, num: Any) -> Array:
    value = Fraction(bound)
    result: Array = num.times(num.number(value.numerator, value.denominator), unit)
    return result


# declarations -------------------------------------------------------------------------------------------------------


@cache
def _marks(kind: type) -> tuple[tuple[str, tuple[Any, ...]], ...]:
    """The declarations of each field of a case type."""
    try:
        hints = typing.get_type_hints(kind, include_extras=True)
    except (NameError, AttributeError, TypeError):  # a stranger's annotations: nothing is declared there
        hints = {}
    names = [field.name for field in dataclasses.fields(kind)]
    return tuple((name, getattr(hints.get(name), "__metadata__", ())) for name in names)


def declared(case: object) -> Domain:
    """What the type of a case, and the types of its parts, declare of it."""
    if not dataclasses.is_dataclass(case) or isinstance(case, type):
        return ANY
    return Domain(tuple(dict.fromkeys(_rules(case, "", {}))))


def _rules(case: Any, at: str, renamed: dict[str, str]) -> Iterator[Rule]:
    for name, marks in _marks(type(case)):  # type: ignore[arg-type]  # mypy: type[Any] is not hashable
        leaf, value = f"{at}{name}", getattr(case, name)
        own = {axis for mark in marks if isinstance(mark, Own) for axis in mark.names}
        axes = next((mark.names for mark in marks if isinstance(mark, Axes)), ())
        yield from _axes(leaf, value, tuple(renamed.get(axis, axis) for axis in axes), renamed, own)
        for mark in marks:
            if isinstance(mark, Size):
                axis = renamed.get(mark.name, mark.name)
                items = [(leaf, axis)] if isinstance(value, int) else [
                    (f"{leaf}[{i}]", f"{axis}[{i}]") for i in range(len(value))
                ]  # fmt: skip
                yield from (HasSize(*item) for item in items)
            elif isinstance(mark, Between):
                yield Within(leaf, _renamed(mark.low, renamed), _renamed(mark.high, renamed))
            elif isinstance(mark, Bounded):
                axis = renamed.get(mark.axis, mark.axis)
                yield Within(axis, _renamed(mark.low, renamed), _renamed(mark.high, renamed))
            elif isinstance(mark, Property):
                yield Is(leaf, mark.name)


def _renamed(bound: Bound, renamed: dict[str, str]) -> Bound:
    if isinstance(bound, tuple):
        return tuple(renamed.get(name, name) for name in bound)
    return renamed.get(bound, bound) if isinstance(bound, str) else bound


def _axes(leaf: str, value: Any, axes: tuple[str, ...], renamed: dict[str, str], own: set[str]) -> Iterator[Rule]:
    """The rules of the axes of a value, and those that its own type declares."""
    if isinstance(value, tuple):
        if axes:
            yield HasAxes(leaf, axes[:1])
        for i, item in enumerate(value):
            inner = renamed | {axis: f"{axis}[{i}]" for axis in own}
            yield from _axes(f"{leaf}[{i}]", item, axes[1:], inner, set())
        return
    if axes and isinstance(value, SVD | np.ndarray):
        yield HasAxes(leaf, axes)
    if isinstance(value, SVD):
        m, n = axes or (f"{leaf}.m", f"{leaf}.n")
        yield from _rules(value, f"{leaf}.", {"m": m, "n": n, "k": f"{leaf}.k"})
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        yield from _rules(value, f"{leaf}.", renamed)


# the rules of a case ------------------------------------------------------------------------------------------------


def _covers(subject: str, leaf: str) -> bool:
    return leaf == subject or (leaf.startswith(subject) and leaf[len(subject)] in "[.")


def _at(found: dict[str, Any], subject: str) -> list[tuple[str, Any]]:
    """The arrays and integers at a leaf and inside it."""
    return [
        (leaf, value)
        for leaf, value in found.items()
        if _covers(subject, leaf) and isinstance(value, np.ndarray | int) and not isinstance(value, bool)
    ]


def _arrays(found: dict[str, Any], subject: str) -> list[tuple[str, Array]]:
    return [(leaf, value) for leaf, value in _at(found, subject) if isinstance(value, np.ndarray)]


def _shape(value: Any) -> tuple[int, ...]:
    if isinstance(value, tuple):
        return (len(value),)
    if isinstance(value, SVD):
        if min(value.U.ndim, value.V.ndim) < 2 or value.s.ndim < 1:
            return ()
        m, n = value.U.shape[-2], value.V.shape[-2]
        thin = value.U.shape[-1] == value.s.shape[-1] == value.V.shape[-1] == min(m, n)
        return (m, n) if thin else ()
    return tuple(value.shape) if isinstance(value, np.ndarray) else ()


def _sizes(domain: Domain, found: dict[str, Any]) -> tuple[dict[str, int], str]:
    """The lengths of the axes, and the integers of the case, by name; and what does not fit.

    An axis of an array is not empty unless a rule bounds it; a list may be (no W_O, no decomposition carried), and its
    type says where it must not.
    """
    known: dict[str, int] = {}
    of_arrays: set[str] = set()
    for rule in domain.rules:
        if isinstance(rule, HasAxes):
            value = found.get(rule.leaf)
            shape = _shape(value)
            if len(shape) < len(rule.names):
                return known, _misshapen(rule, value)
            if not isinstance(value, tuple):
                of_arrays.update(rule.names)
            for axis, length in zip(rule.names, shape[len(shape) - len(rule.names) :], strict=True):
                if axis == "_":
                    continue
                wanted = int(axis) if axis.isdigit() else known.setdefault(axis, length)
                if axis.isdigit() and wanted != length:
                    return known, f"{rule.leaf} has the shape {shape}: give an array of length {wanted}"
                if wanted != length:
                    return known, f"{rule.leaf} has the shape {shape}: its axis {axis} must be {wanted}"
        elif isinstance(rule, HasSize):
            size = found.get(rule.leaf)
            if not isinstance(size, int):
                return known, f"{rule.leaf} is no integer"
            if known.setdefault(rule.axis, size) != size:
                return known, f"{rule.leaf} = {size} and the axis {rule.axis} of length {known[rule.axis]} disagree"
    bounded = {rule.subject: rule for rule in domain.rules if isinstance(rule, Within)}
    for axis, length in known.items():
        rule_of = bounded.get(axis) or bounded.get(axis.partition("[")[0])
        sized = any(isinstance(r, HasSize) and r.axis == axis for r in domain.rules)
        if length < 1 and axis in of_arrays and rule_of is None and not sized and not axis.endswith(".k"):
            return known, f"the axis {axis} is empty: give it one entry at least"
    known |= {leaf: value for leaf, value in found.items() if type(value) is int and leaf not in known}
    return known, ""


def _misshapen(rule: HasAxes, value: Any) -> str:
    wanted = " x ".join(rule.names)
    if isinstance(value, SVD):
        shapes = value.U.shape, value.s.shape, value.V.shape
        return f"{rule.leaf} has U, s, V of the shapes {shapes}: give a thin decomposition of a {wanted} matrix"
    return f"{rule.leaf} has the shape {getattr(value, 'shape', None)}: it needs the axes {wanted}"


def _bound(bound: Bound, known: dict[str, int]) -> int | Fraction | None:
    if isinstance(bound, tuple):
        return min(known[name] for name in bound)
    return known[bound] if isinstance(bound, str) else bound


def _flaw(rule: Rule, found: dict[str, Any], known: dict[str, int]) -> str:
    """What does not fit a rule on bounds, properties or ties (axes are `_sizes`' affair)."""
    if isinstance(rule, Is):
        if rule.property in STRUCTURES:
            fits = rule.leaf not in found or STRUCTURES[rule.property](found[rule.leaf])
            return "" if fits else f"{rule.leaf} = {found[rule.leaf]} is not as promised: {rule.property}"
        known_property = PROPERTIES[rule.property]
        for leaf, array in _arrays(found, rule.leaf):
            if array.size and not _has(known_property, array):
                return f"{leaf} is not as promised: {rule.property}"
    elif isinstance(rule, Tied):
        if rule.leaf in found and rule.other in found:
            wanted = RELATIONS[rule.relation](found[rule.other])
            if wanted.shape != found[rule.leaf].shape or not bool((wanted == found[rule.leaf]).all()):
                return f"not as promised: {_words(rule)}"
    elif isinstance(rule, Within):
        low, high = _bound(rule.low, known), _bound(rule.high, known)
        for leaf, value in _subjects(rule.subject, found, known):
            entries = value.ravel().tolist() if isinstance(value, np.ndarray) else [value]
            if isinstance(value, np.ndarray) and not _judged(value):
                continue
            for entry in entries:
                if (low is not None and entry < low) or (high is not None and entry > high):
                    bounds = f"{_shown(low)} to {_shown(high)}".removesuffix(" to ")
                    return f"{leaf} = {entry} is out of range: give {bounds}"
    return ""


def _subjects(subject: str, found: dict[str, Any], known: dict[str, int]) -> list[tuple[str, Any]]:
    inside = _at(found, subject)
    return inside or [(axis, length) for axis, length in known.items() if _covers(subject, axis)]


def _shown(bound: int | Fraction | None) -> str:
    return "" if bound is None else str(bound)


def _words(rule: Within | Tied) -> str:
    if isinstance(rule, Tied):
        return f"{rule.leaf} is {rule.relation} {rule.other}"
    low, high = ("" if bound is None else str(bound) for bound in (rule.low, rule.high))
    return f"{rule.subject} lies in {low}..{high}"


def _judged(array: Array) -> bool:
    """Floats and Fractions are judged; the entries of other arithmetics come from judged ones."""
    return array.dtype.kind == "f" or all(isinstance(value, Fraction) for value in array.flat)


def _has(wanted: Property, array: Array) -> bool:
    if array.dtype.kind == "f":
        return wanted.in_floats is None or wanted.in_floats(array)
    return not _judged(array) or wanted.exact(array)


# as JSON ------------------------------------------------------------------------------------------------------------

_KINDS: dict[str, type[Any]] = {"axes": HasAxes, "size": HasSize, "within": Within, "is": Is, "tied": Tied}


def encoded(domain: Domain) -> dict[str, Any]:
    """A domain as JSON data: ``{"as drawn": false, "rules": [["is", "matrices", "symmetric"], ...]}``."""
    names = {kind: name for name, kind in _KINDS.items()}
    rules = [[names[type(rule)], *map(_plain, dataclasses.astuple(rule))] for rule in domain.rules]
    return {"as drawn": domain.as_drawn, **({"measured": True} if domain.measured else {}), "rules": rules}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return {"number": str(value)} if isinstance(value, Fraction) else value


def decoded(data: Any, at: str = "domain") -> Domain:
    """The domain that `encoded` wrote.  Raises `InputError` for whatever is wrong with it."""
    named = isinstance(data, dict) and set(data) | {"measured"} == {"as drawn", "measured", "rules"}
    if not named or not all(isinstance(data.get(name, True), bool) for name in ("as drawn", "measured")):
        raise InputError(f'{at}: expected an object with "as drawn" (true or false) and "rules" (a list)')
    if not isinstance(data["rules"], list) or len(data["rules"]) > 1000:
        raise InputError(f"{at}.rules: expected a list of at most 1000 rules")
    rules = tuple(_rule(rule, f"{at}.rules[{i}]") for i, rule in enumerate(data["rules"]))
    return Domain(rules, data["as drawn"], data.get("measured", False))


def _rule(data: Any, at: str) -> Rule:
    kind = _KINDS.get(data[0]) if isinstance(data, list) and data and isinstance(data[0], str) else None
    if kind is None or len(data) != 1 + len(dataclasses.fields(kind)) or not isinstance(data[1], str):
        raise InputError(f"{at}: no rule: it is one of {', '.join(_KINDS)}, then a leaf, then what is said of it")
    values = [_value(value, at) for value in data[1:]]
    rule: Rule = kind(*values)
    strings = all(isinstance(value, str) for value in values)
    if isinstance(rule, HasAxes):
        sound = isinstance(rule.names, tuple)
    elif isinstance(rule, Within):
        sound = True
    elif isinstance(rule, Is):
        sound = rule.property in PROPERTIES or rule.property in STRUCTURES
    else:
        sound = strings and (not isinstance(rule, Tied) or rule.relation in RELATIONS)
    if not sound:
        raise InputError(f"{at}: {str(data)[:80]} says nothing that this program knows")
    return rule


def _value(value: Any, at: str) -> Any:
    if value is None or isinstance(value, str) or type(value) is int:
        return value
    if isinstance(value, list) and all(isinstance(name, str) for name in value):
        return tuple(value)
    if isinstance(value, dict) and set(value) == {"number"} and isinstance(value["number"], str):
        try:
            return fraction(value["number"][:2000])
        except (ValueError, ZeroDivisionError):
            pass
    raise InputError(f"{at}: {str(value)[:80]} is neither a name, an integer, a number nor a list of names")
