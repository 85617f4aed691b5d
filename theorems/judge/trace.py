"""A statement run on one case for whoever wrote it: every step, with its sides, its margin and what it used."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from theorems.arithmetic.base import NO, YES, Arithmetic
from theorems.claim import Claim
from theorems.errors import Undecided, Undefined, Unsupported
from theorems.statement import Conclude, Existence, Order, Relation, Suppose

#: Characters of a value that are shown.
LONG = 400


@dataclass(frozen=True)
class Step:
    """One hypothesis or conclusion, as an arithmetic decides it.

    kind      "suppose" or "conclude"
    verdict   "met", "not met" or "dropped" of a hypothesis; "holds", "fails" or "undefined" of a conclusion; or
              "undecided"
    relation  "at most", "less than", "equal", "loewner", "exists" or "test"
    left, right  both sides as text; None of a test
    margin    relative, negative where it does not hold; NaN where there is none
    values    the named values that are new, or other than before, at this step
    """

    kind: str
    name: str
    verdict: str
    relation: str = "test"
    left: str | None = None
    right: str | None = None
    margin: float = float("nan")
    values: dict[str, str] = field(default_factory=dict)


@dataclass
class Trace:
    """The steps of a statement on one case.

    stopped  why it went no further (what cannot be formed, or the arithmetic lacks); nothing where it came to its end
    error    the exception that it raised, where that is nobody's word for such an end
    names    the local names that it had at its steps
    values   what the names that were asked for stood for in the end
    """

    steps: list[Step] = field(default_factory=list)
    stopped: str = ""
    error: Exception | None = None
    names: dict[str, None] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)


def trace(claim: Claim, case: Any, num: Arithmetic, wanted: Collection[str] = ()) -> Trace:
    """Run the statement to its end, past hypotheses that are not met and conclusions that fail.

    `wanted` are local names of the statement whose values are to be kept.
    """
    result = Trace()
    try:
        loaded = num.load(case)
        with num.running(loaded):
            steps = claim.statement(loaded, num)
            try:
                for step in steps:
                    values = _changes(steps, num, wanted, result)
                    result.steps.append(_decided(step, num, claim.skip, values))
            finally:
                if hasattr(steps, "close"):
                    steps.close()
    except Undefined as error:
        result.stopped = f"undefined: {error}"
    except Undecided as error:
        result.stopped = f"undecided: {error}"
    except Unsupported as error:
        result.stopped = f"{num.name} lacks {error}"
    except Exception as error:  # a statement of somebody's own, on a case that it may not be made for
        result.stopped, result.error = "it raises an exception", error
    return result


def _decided(step: Suppose | Conclude, num: Arithmetic, skip: Collection[str], values: dict[str, str]) -> Step:
    kind = "suppose" if isinstance(step, Suppose) else "conclude"
    if isinstance(step, Suppose) and step.name in skip:
        return Step(kind, step.name, "dropped", values=values)
    condition = step.condition
    decision = num.decide(condition)
    verdict, margin = int(decision.verdicts[0]), float(decision.margins[0])
    words = {YES: "met", NO: "not met"} if kind == "suppose" else {YES: "holds", NO: "fails"}
    word = words.get(verdict, "undecided")
    if kind == "conclude" and margin != margin:  # as the driver has it
        word = "undefined"
    relation = "test"
    if isinstance(condition, Relation):
        relation = condition.kind
    elif isinstance(condition, Order | Existence):
        relation = "loewner" if isinstance(condition, Order) else "exists"
    left, right = (None if side is None else _text(side, num) for side in (decision.left, decision.right))
    return Step(kind, step.name, word, relation, left, right, margin, values)


def _changes(steps: Any, num: Arithmetic, wanted: Collection[str], result: Trace) -> dict[str, str]:
    """The values of the wanted names at this step that are new; of a name in several frames, the innermost's."""
    found: dict[str, Any] = {}
    for frame in _frames(steps):
        found |= frame.f_locals
    result.names |= dict.fromkeys(found)
    texts = {name: _text(found[name], num) for name in wanted if name in found}
    changed = {name: text for name, text in texts.items() if result.values.get(name) != text}
    result.values |= changed
    return changed


def _frames(steps: Any) -> Iterator[FrameType]:
    """The frames of a generator and of those that it yields from, outermost first."""
    while steps is not None:
        frame = getattr(steps, "gi_frame", None)
        if frame is not None:
            yield frame
        steps = getattr(steps, "gi_yieldfrom", None)


def _text(value: Any, num: Arithmetic) -> str:
    try:
        text = "(" + ", ".join(map(num.show, value)) + ")" if isinstance(value, tuple) else num.show(value)
    except Exception:  # not a value of the arithmetic: a function, a part of the case
        text = str(value)
    text = " ".join(text.split())
    return text if len(text) <= LONG else text[: LONG - 4] + " ..."
