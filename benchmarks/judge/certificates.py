"""Damaged certificates: every stored witness, each of its fields in turn, each in every way that we know."""

from __future__ import annotations

import copy
import json
import operator
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

from theorems.catalogue import CLAIMS, stored
from theorems.claim import Claim
from theorems.errors import InputError
from theorems.judge.witness import REFUTES, read, replay

#: A place in JSON data: keys and positions from the top.
Place = tuple[Any, ...]

#: Points at which a file is cut, as shares of its length.
CUTS = (0.0, 0.1, 0.5, 0.9, 0.999)


@dataclass(frozen=True)
class Damage:
    """One damage of a witness file: where, how, and the text that results."""

    place: Place
    kind: str
    text: Callable[[], str]


@dataclass
class Result:
    """How many damages were rejected, by kind; what was accepted; and what the edited cases were.

    edited   of the entries that were replaced by other numbers, how many cases still refute by themselves, and not
    """

    files: int = 0
    fields: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    accepted: list[str] = field(default_factory=list)
    edited: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        """Rejected or not."""
        return sum(self.rejected.values()) + len(self.accepted)


def places(value: Any, at: Place = ()) -> Iterator[Place]:
    """The places of everything inside a piece of JSON."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield (*at, key)
        yield from places(item, (*at, key))


def damages(data: dict[str, Any], other: str) -> Iterator[Damage]:
    """Every damage of every field of a witness; `other` is the key of another claim."""
    for place in places(data):
        value = _at(data, place)
        for wrong in _other_values(place, value, other):
            yield Damage(place, "another value", partial(_with, data, place, wrong))
        for wrong in (None, True, 1.5, [[]], {"x": []}):
            if wrong != value:
                yield Damage(place, "another type", partial(_with, data, place, wrong))
        yield Damage(place, "missing", partial(_without, data, place))
        yield Damage(place, "twice", partial(_twice, data, place))


def truncations(text: str) -> Iterator[Damage]:
    """The file cut short."""
    whole = text.rstrip()
    for share in CUTS:
        cut = whole[: int(share * len(whole))]
        yield Damage((), "truncated", cut.__str__)


def _other_values(place: Place, value: Any, other: str) -> list[Any]:
    """Other values of the same type."""
    if place == ("claim",):
        return [other, value + "x"]
    if place == ("arithmetic",):
        return ["ball" if value == "rational" else "rational", "fractions"]
    if place[-1] in ("statement", "sha256"):
        return ["0" * 64, value[:-1] + ("0" if value[-1] != "0" else "1"), value.upper() + "0"]
    if isinstance(value, int):
        return [value + 1, value - 1, -value - 2]
    if isinstance(value, str) and place[0] == "case" and "entries" in place:
        number = Fraction(value)
        changed = [number + 1, -number, number / 2, number + Fraction(1, 10**30)]
        return [str(x) for x in dict.fromkeys(changed) if x != number]
    return [value + " ", value + "x", ""][: 3 if value else 2] if isinstance(value, str) else []


def _at(data: Any, place: Place) -> Any:
    for key in place:
        data = data[key]
    return data


def _changed(data: Any, place: Place, change: Callable[[Any, Any], None]) -> str:
    """The text after `change(holder, key)`; only what lies on the way is copied."""
    result = holder = copy.copy(data)
    for key in place[:-1]:
        holder[key] = copy.copy(holder[key])
        holder = holder[key]
    change(holder, place[-1])
    return json.dumps(result)


def _with(data: Any, place: Place, value: Any) -> str:
    return _changed(data, place, lambda holder, key: operator.setitem(holder, key, value))


def _without(data: Any, place: Place) -> str:
    return _changed(data, place, operator.delitem)


def _twice(data: Any, place: Place) -> str:
    """An item of a list, or a key of an object with its value, given twice."""
    mark = "the same key again"

    def double(holder: Any, key: Any) -> None:
        if isinstance(holder, list):
            holder.insert(key, holder[key])
        else:
            holder[mark] = holder[key]

    return _changed(data, place, double).replace(json.dumps(mark), json.dumps(place[-1]))


def attack(
    folder: Path, *, every: int = 1, claims: Iterable[Claim] = CLAIMS, decide: bool = False, first: int = 0
) -> Result:
    """Damage the stored witnesses and read them; one damage in `every`, from number `first` on.

    A damage is rejected where `read` refuses the file in one line that names it.  With `decide`, the cases with another
    entry are run as well, to say how many of them refute by themselves: the replay alone would let these pass.
    """
    by_key = {claim.key: claim for claim in claims}
    keys = sorted(by_key)
    result = Result()
    path = folder / "damaged.json"
    number = first
    for key, source in stored().items():
        text = source.read_text(encoding="utf-8")
        data = json.loads(text)
        result.files += 1
        result.fields += sum(1 for _ in places(data))
        other = keys[(keys.index(key) + 1) % len(keys)]
        for damage in (*damages(data, other), *truncations(text)):
            number += 1
            if number % every:
                continue
            path.write_text(damage.text(), encoding="utf-8")
            refused = _refusal(path, by_key)
            if refused is None:
                result.accepted.append(f"{source.name}: {'.'.join(map(str, damage.place))}: {damage.kind}")
            else:
                result.rejected[damage.kind] += 1
            if decide and damage.kind == "another value" and "entries" in damage.place:
                result.edited[_by_itself(path, by_key[key])] += 1
    return result


def _refusal(path: Path, claims: dict[str, Claim]) -> str | None:
    """The one line with which a file is refused; None where it is not, or not in one line."""
    try:
        read(path, claims.values())
    except InputError as error:
        line = str(error)
        return line if line.isprintable() and line.startswith(str(path)) and len(line) < 600 else None
    return None


def _by_itself(path: Path, claim: Claim) -> str:
    """What the case of an edited file is, its checksum aside."""
    try:
        witness = read(path, [claim], stale=True)
    except InputError:
        return "no case"
    return "refutes" if replay(witness, claim, witness.arithmetic).result == REFUTES else "does not refute"
