"""Steps of a statement changed as they are yielded: conclusions reversed, tightened, read of the construction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from theorems.arithmetic.float64 import Float64
from theorems.errors import InputError, Undefined, Unsupported
from theorems.statement import Conclude, Condition, Existence, Relation, Statement, Suppose, Truth

Steps = Iterator[Suppose | Conclude]

#: A change of a condition: the condition and the arithmetic in; None where it does not apply.
Change = Callable[[Condition, Any], Condition | None]


def _reversed(condition: Condition, num: Any) -> Condition | None:
    if isinstance(condition, Relation) and condition.kind != "equal":
        return replace(condition, left=condition.right, right=condition.left)
    return None


def _strict(condition: Condition, num: Any) -> Condition | None:
    if isinstance(condition, Relation) and condition.kind == "at most":
        return replace(condition, kind="less than")
    return None


def _equality(condition: Condition, num: Any) -> Condition | None:
    if isinstance(condition, Relation) and condition.kind != "equal":
        return replace(condition, kind="equal")
    return None


def _scaled(factor: Fraction, condition: Condition, num: Any) -> Condition | None:
    """The right side, or the bound of an existence, times a factor."""
    if isinstance(condition, Relation):
        return replace(condition, right=_product(factor, condition.right, num))
    if isinstance(condition, Existence):
        return replace(condition, bound=_product(factor, condition.bound, num))
    return None


def _product(factor: Fraction, value: Any, num: Any) -> Any:
    if isinstance(num, Float64):
        return float(factor) * value
    return value * num.number(factor.numerator, factor.denominator)


def _negated(condition: Condition, num: Any) -> Condition | None:
    if isinstance(condition, Truth):
        verdicts = num.decide(condition).verdicts
        answers = [None if verdict < 0 else not verdict for verdict in verdicts.tolist()]
        if len(answers) > 1:
            return Truth(verdicts == 0) if None not in answers else None
        return Truth(answers[0])
    return None


#: The changes of one conclusion by name.
CHANGES: dict[str, Change] = {
    "reversed inequality": _reversed,
    "strict inequality": _strict,
    "equality for an inequality": _equality,
    "half the bound": partial(_scaled, Fraction(1, 2)),
    "bound a hundredth too small": partial(_scaled, Fraction(99, 100)),
    "factor of two": partial(_scaled, Fraction(2)),
    "opposite answer": _negated,
}


def changed(statement: Statement, change: str, conclusion: str) -> Statement:
    """The statement with every conclusion of that name changed."""
    if change not in CHANGES:
        raise InputError(f"there is no change {change!r} of a conclusion: use one of {', '.join(CHANGES)}")

    def variant(case: Any, num: Any) -> Steps:
        with closing(statement(case, num)) as steps:  # type: ignore[type-var]
            for step in steps:
                if isinstance(step, Conclude) and step.name == conclusion:
                    other = CHANGES[change](step.condition, num)
                    if other is None:
                        raise Undefined(f"{change!r} does not apply to {conclusion!r}")
                    yield Conclude(other, step.name)
                else:
                    yield step

    return variant


def constructed(statement: Statement) -> Statement:
    """The statement with "there is" read as "the construction is one"."""

    def variant(case: Any, num: Any) -> Steps:
        with closing(statement(case, num)) as steps:  # type: ignore[type-var]
            for step in steps:
                if isinstance(step, Conclude) and isinstance(step.condition, Existence):
                    claim = step.condition
                    yield Conclude(Relation("at most", claim.attained(), claim.bound, claim.scale), step.name)
                else:
                    yield step

    return variant


def guarded(statement: Statement) -> Statement:
    """The statement, undefined where a slip makes its code impossible (shapes that do not fit, an index too large)."""

    def variant(case: Any, num: Any) -> Steps:
        concluded = False
        with closing(statement(case, num)) as steps:  # type: ignore[type-var]
            try:
                for step in steps:
                    concluded = concluded or isinstance(step, Conclude)
                    if isinstance(step.condition, Relation):
                        np.broadcast_shapes(np.shape(step.condition.left), np.shape(step.condition.right))
                    yield step
            except (Unsupported, ArithmeticError):
                raise
            except (ValueError, IndexError, TypeError, KeyError, AttributeError, NameError) as error:
                raise Undefined(f"{type(error).__name__}: {error}") from error
        if not concluded:
            raise Undefined("nothing is concluded")

    return variant
