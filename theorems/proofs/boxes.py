"""Formulas on boxes: between which bounds they lie while every unknown runs through an interval.

The standard library suffices.  A formula is enclosed twice, operation by operation and about the middle of the box
(its value there plus slopes times distances), and what both allow counts; exponentials and logarithms have rational
bounds.  A box on which that does not tell the sign is cut in two, and the cuts are the certificate: a tree is 0 for a
box that is looked at, or [k, lower half, upper half] where unknown k is cut at its middle.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from theorems.arithmetic.enclosure import Enclosure, precise
from theorems.errors import Undecided, Undefined, Unsupported

#: Significant bits of the ends, and cuts one below the other, at most.
BITS, DEEPEST = 64, 40
ANY = frozenset((-1, 0, 1))
ZERO, ONE = Enclosure.of(0), Enclosure.of(1)

#: An interval for each unknown, or None for one that may be anything.
Box = Sequence["Enclosure | None"]
#: (unknown, exponent) pairs with their coefficient.
Polynomial = Mapping[tuple[tuple[int, int], ...], Fraction]
Tree = Any


@dataclass(frozen=True)
class Over:
    """A formula on a box: its range, its value in the middle, and its slopes from there by unknown (None: unknown)."""

    range: Enclosure
    middle: Enclosure
    slopes: Mapping[int, Enclosure] | None


@dataclass(frozen=True)
class Formulas:
    """Nodes as in a certificate, and the functions that unknowns stand for: unknown -> ("exp", "log" or "root", node).

    Every node comes after those that it is made of.
    """

    nodes: Sequence[Sequence[Any]]
    functions: Mapping[int, tuple[str, int]]

    def below(self, wanted: Sequence[int]) -> list[int]:
        """These nodes and those that they are made of, in order."""
        todo, seen = list(wanted), set(wanted)
        while todo:
            node = self.nodes[todo.pop()]
            more = list(node[1:]) if node[0] in "+*/" else []
            if node[0] == "x" and node[1] in self.functions:
                more = [self.functions[node[1]][1]]
            todo += [i for i in more if i not in seen]
            seen.update(more)
        return sorted(seen)

    def on(self, box: Box, order: Sequence[int]) -> dict[int, Over | None]:
        """The nodes of `order` on a box; None for what may be anything there."""
        values: dict[int, Over | None] = {}
        for number in order:
            try:
                values[number] = self._made(self.nodes[number], values, box)
            except (Undecided, Undefined, Unsupported):
                values[number] = None
        return values

    def _made(self, node: Sequence[Any], values: Mapping[int, Over | None], box: Box) -> Over | None:
        if node[0] == "c":
            constant = Enclosure.of(Fraction(node[1]))
            return Over(constant, constant, {})
        if node[0] == "x" and node[1] not in self.functions:
            own = box[node[1]]
            return None if own is None else Over(own, Enclosure.of(middle(own)), {node[1]: ONE})
        inner = [values[i] for i in (node[1:] if node[0] != "x" else [self.functions[node[1]][1]])]
        if any(part is None for part in inner):
            return None
        if node[0] == "x":
            return _sharper(_applied(self.functions[node[1]][0], inner[0]), box)  # type: ignore[arg-type]
        return _sharper(_combined(node[0], inner[0], inner[1], same=node[1] == node[2]), box)  # type: ignore[arg-type]


def _combined(operation: str, f: Over, g: Over, *, same: bool) -> Over:
    if operation == "+":
        values = f.range + g.range, f.middle + g.middle
        one, other = ONE, ONE
    elif operation == "*":  # f g - f(c) g(c) = (f - f(c)) g + f(c) (g - g(c))
        values = f.range**2 if same else f.range * g.range, f.middle * g.middle
        one, other = g.range, f.middle
    else:  # f / g - f(c) / g(c) = (f - f(c) - (g - g(c)) f(c) / g(c)) / g
        one = g.range.reciprocal()
        values = f.range * one, f.middle / g.middle
        other = -values[1] * one
    if f.slopes is None or g.slopes is None:
        return Over(*values, None)
    known = {*f.slopes, *g.slopes}
    return Over(*values, {k: f.slopes.get(k, ZERO) * one + g.slopes.get(k, ZERO) * other for k in known})


def _applied(name: str, f: Over) -> Over:
    if name == "exp":
        value, at_middle = f.range.exp(), f.middle.exp()
        slope: Enclosure | None = value
    elif name == "log":
        value, at_middle, slope = f.range.log(), f.middle.log(), f.range.reciprocal()
    elif name == "root":  # sqrt f - sqrt f(c) = (f - f(c)) / (sqrt f + sqrt f(c))
        value, at_middle = f.range.sqrt(), f.middle.sqrt()
        slope = (value + at_middle).reciprocal() if value.low + at_middle.low > 0 else None
    else:
        raise Unsupported(f"a function without bounds: {name}")
    if f.slopes is None or slope is None:
        return Over(value, at_middle, None)
    return Over(value, at_middle, {k: own * slope for k, own in f.slopes.items()})


def _sharper(f: Over, box: Box) -> Over:
    """With the range that the slopes allow as well."""
    if f.slopes is None:
        return f
    about = f.middle
    for k, slope in f.slopes.items():
        own = box[k]
        if own is None:
            return f
        about = about + slope * (own - middle(own))
    low, high = max(f.range.low, about.low), min(f.range.high, about.high)
    return Over(Enclosure(low, high), f.middle, f.slopes) if low <= high else f


def middle(interval: Enclosure) -> Fraction:
    """The point half-way."""
    return (interval.low + interval.high) / 2


def halves(box: Box, k: int) -> tuple[list[Enclosure | None], list[Enclosure | None]]:
    """A box cut in two at the middle of unknown k, whose interval is known."""
    own = box[k]
    assert own is not None
    lower, upper = list(box), list(box)
    lower[k], upper[k] = Enclosure(own.low, middle(own)), Enclosure(middle(own), own.high)
    return lower, upper


def from_json(data: Any) -> list[Enclosure | None]:
    """A box from JSON: for each unknown [low, high], or null."""
    return [None if ends is None else Enclosure(Fraction(ends[0]), Fraction(ends[1])) for ends in data]


def enclosed(p: Polynomial, box: Box) -> Enclosure | None:
    """The range of a polynomial; None where it may be anything."""
    total = ZERO
    for powers, coefficient in p.items():
        product = Enclosure.of(coefficient)
        for k, exponent in powers:
            own = box[k]
            if own is None:
                return None
            product = product * own**exponent
        total = total + product
    return total


def _signs(own: Enclosure | None) -> frozenset[int]:
    if own is None:
        return ANY
    return frozenset(s for s, may in ((-1, own.low < 0), (0, own.low <= 0 <= own.high), (1, own.high > 0)) if may)


class Question:
    """The sign of a node where facts hold: the signs that each allows, and its polynomial in unknowns of the box."""

    def __init__(self, formulas: Formulas, node: int, facts: Sequence[tuple[frozenset[int], Polynomial]]) -> None:
        self.formulas, self.node, self.facts = formulas, node, facts
        self.order = formulas.below([node])

    def on(self, box: Box) -> tuple[frozenset[int], Over | None]:
        """The signs that the node may have on a box, none where the facts do not hold anywhere, and how it is
        enclosed."""
        with precise(BITS):
            if any(not _signs(enclosed(p, box)) & allowed for allowed, p in self.facts):
                return frozenset(), None
            found = self.formulas.on(box, self.order)[self.node]
        return _signs(None if found is None else found.range), found

    def shown(self, box: Box, tree: Tree, depth: int = 0) -> frozenset[int]:
        """The signs that the node may have on a box, looked at on the parts of a tree."""
        if tree == 0:
            return self.on(box)[0]
        k, *parts = tree
        if len(parts) != 2 or depth > DEEPEST or not 0 <= k < len(box) or box[k] is None:
            raise ValueError("a box that is not cut in two")
        lower, upper = (self.shown(half, part, depth + 1) for half, part in zip(halves(box, k), parts, strict=True))
        return lower | upper

    def tree(
        self, box: Box, wanted: frozenset[int], budget: list[int], in_time: Callable[[], None], depth: int = 0
    ) -> Tree | None:
        """A tree that shows that the signs of the node are among those wanted; None where the budget of boxes, which
        is used up, does not suffice.  `in_time` raises an error when the time is over."""
        in_time()
        budget[0] -= 1
        if budget[0] < 0 or depth > DEEPEST:
            return None
        signs, found = self.on(box)
        if signs <= wanted:
            return 0
        k = self._widest(box, found)
        if k is None:
            return None
        parts = []
        for half in halves(box, k):
            part = self.tree(half, wanted, budget, in_time, depth + 1)
            if part is None:
                return None
            parts.append(part)
        return [k, *parts]

    def _widest(self, box: Box, found: Over | None) -> int | None:
        """The unknown to cut at: where slope times width is largest, or the widest."""
        used: set[int] = {node[1] for number in self.order if (node := self.formulas.nodes[number])[0] == "x"}
        used -= set(self.formulas.functions)
        widths = {k: own.high - own.low for k in sorted(used) if (own := box[k]) is not None}
        if not widths:
            return None
        if found is not None and found.slopes:
            spread = {k: max(-s.low, s.high) * widths.get(k, 0) for k, s in found.slopes.items()}
            if any(spread.values()):
                return max(sorted(spread), key=lambda k: spread[k])
        return max(sorted(widths), key=lambda k: widths[k])


class Bounds:
    """The rule "boxes" of the replay: a component of a certificate with its `box` and its `functions`."""

    def __init__(self, data: Any) -> None:
        functions = {int(k): (str(name), int(number)) for k, (name, number) in data.get("functions", {}).items()}
        self.formulas, self.box = Formulas(data["nodes"], functions), from_json(data.get("box", ()))
        self._known: dict[str, frozenset[int]] = {}  # paths share their questions

    def signs(
        self, node: Any, hint: Any, facts: Sequence[tuple[str, Polynomial]], signs: Mapping[str, set[int]]
    ) -> set[int]:
        """The signs that a node may have on the box where the facts that a hint names hold."""
        if node is None:
            raise ValueError("bounds of no node")
        own = [(frozenset(signs[facts[i][0]]), facts[i][1]) for i in hint[2]]
        key = str([node, hint[1], [(sorted(allowed), sorted(p.items())) for allowed, p in own]])
        if key not in self._known:
            self._known[key] = Question(self.formulas, node, own).shown(self.box, hint[1])
        return set(self._known[key])
