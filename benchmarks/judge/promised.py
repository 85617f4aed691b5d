"""True claims whose domain the strategy alone states, and false ones that exact arithmetic can hardly settle.

No search may convict or accuse a claim of the first kind, for whatever it draws, climbs to or shrinks to is promised;
and none may say "survived" of one of the second.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from theorems import Claim, at_most, conclude, equal, less_than
from theorems.statement import Condition, holds
from theorems.strategies import counts, matrices, matrices_of_spectrum, random_vectors, vectors
from theorems.strategies.search.hunt import hunt

Conclusion = Callable[[Any, Any], Any]
Row = tuple[st.SearchStrategy[Any], Conclusion]


@dataclass
class Endings:
    """How hunts ended, and which were wrong."""

    tried: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


def _claim(conclusion: Conclusion, key: str) -> Claim:
    def statement(case: Any, num: Any) -> Any:
        answer = conclusion(case, num)
        yield conclude(answer if isinstance(answer, Condition) else holds(answer))

    return Claim(key=key, statement=statement)


def _square(x: Any) -> Any:
    return x * x


def _x(case: Any) -> Any:
    return case.vectors[0]


def _A(case: Any) -> Any:
    return case.matrices[0]


def _B(case: Any) -> Any:
    return case.matrices[1]


def _n(case: Any) -> int:
    return int(_A(case).shape[-1])


def _one(num: Any, like: Any) -> Any:
    return like * 0 + num.number(1)


def _values(case: Any, num: Any) -> list[Any]:
    return [num.singular_value(_A(case), i) for i in range(1, _n(case) + 1)]


P, POSITIVE = vectors(kind="probabilities"), vectors(kind="positive probabilities")
TWO_P = vectors(count=2, kind="probabilities", max_dimension=3)
FALLING, WHOLE, NOT_NEGATIVE = vectors(kind="descending"), vectors(kind="integers"), vectors(kind="non-negative")
ABOVE, BELOW = (matrices(count=2, structure="psd", relations=(word,), max_dimension=3) for word in ("above", "below"))
COMMUTING = matrices(count=2, relations=("commuting",), max_dimension=3)
CORRELATION = matrices(structure="correlation", max_dimension=3)
TOEPLITZ = matrices(structure="toeplitz", min_dimension=2, max_dimension=3)
THREE_TWO_ONE = matrices_of_spectrum(spectrum=(3, 2, 1), min_dimension=3, max_dimension=3)
EIGEN = matrices_of_spectrum(spectrum=(2, -1), min_dimension=2, max_dimension=2, symmetric=True)
RANK_TWO = matrices_of_spectrum(rank=2, min_dimension=3, max_dimension=3)
TEN = matrices_of_spectrum(condition=10, min_dimension=2, max_dimension=3)
DEFINITE = matrices_of_spectrum(spectrum=(1, 2), min_dimension=2, max_dimension=2, symmetric=True)
PSD_AND_ANY = matrices(count=2, structure=("psd", None), max_dimension=3)
REFLECTED = random_vectors(supports=("reflected",), min_dimension=2, max_dimension=2, max_points=4)
SHARES = counts(names={"n": (1, 9), "k": (0, lambda known: known["n"])})
TRIPLE = counts(names={"a": (2, 6), "b": (lambda known: known["a"], 7), "c": (lambda known: known["b"], 8)})

TRUE: dict[str, Row] = {
    "sum p = 1": (P, lambda c, n: equal(_x(c).sum(-1), n.number(1))),
    "p <= 1 of probabilities": (P, lambda c, n: at_most(_x(c), _one(n, _x(c)))),
    "sum p^2 <= max p": (P, lambda c, n: at_most(n.norm_squared(_x(c)), _largest(_x(c), n))),
    "<p, q> <= 1": (TWO_P, lambda c, n: at_most(n.dot(*c.vectors), n.number(1))),
    "sum |p - q| <= 2": (TWO_P, lambda c, n: at_most(n.absolute(c.vectors[0] - c.vectors[1]).sum(-1), n.number(2))),
    "0 < p": (POSITIVE, lambda c, n: less_than(_x(c) * 0, _x(c))),
    "1 <= n sum p^2, n >= 1": (POSITIVE, lambda c, n: at_most(n.number(1), _x(c).shape[-1] * n.norm_squared(_x(c)))),
    "the entropy is not negative": (POSITIVE, lambda c, n: at_most(n.dot(_x(c), n.log(_x(c))), n.number(0))),
    "the first is the largest": (FALLING, lambda c, n: at_most(_x(c), _x(c) * 0 + _x(c)[..., :1])),
    "the mean is at most the first": (FALLING, lambda c, n: at_most(_x(c).sum(-1), _x(c).shape[-1] * _x(c)[..., 0])),
    "|x| <= x^2 of whole numbers": (WHOLE, lambda c, n: at_most(n.absolute(_x(c)), _square(_x(c)))),
    "||x||^2 <= (sum x)^2": (NOT_NEGATIVE, lambda c, n: at_most(n.norm_squared(_x(c)), _square(_x(c).sum(-1)))),
    "relu x = x": (NOT_NEGATIVE, lambda c, n: equal(n.relu(_x(c)), _x(c))),
    "tr A <= tr B above": (ABOVE, lambda c, n: at_most(n.trace(_A(c)), n.trace(_B(c)))),
    "det A <= det B above": (ABOVE, lambda c, n: at_most(n.determinant(_A(c)), n.determinant(_B(c)))),
    "rank A <= rank B above": (ABOVE, lambda c, n: at_most(n.rank(_A(c)), n.rank(_B(c)))),
    "tr A^2 >= tr B^2 below": (BELOW, lambda c, n: at_most(n.trace(_B(c) @ _B(c)), n.trace(_A(c) @ _A(c)))),
    "A B = B A": (COMMUTING, lambda c, n: equal(_A(c) @ _B(c), _B(c) @ _A(c))),
    "|r| <= 1": (CORRELATION, lambda c, n: at_most(_square(_A(c)), _one(n, _A(c)))),
    "tr R = n": (CORRELATION, lambda c, n: equal(n.trace(_A(c)), n.number(_n(c)))),
    "det R <= 1": (CORRELATION, lambda c, n: at_most(n.determinant(_A(c)), n.number(1))),
    "one diagonal": (TOEPLITZ, lambda c, n: equal(_A(c)[..., 0, 0], _A(c)[..., 1, 1])),
    "||A||_F^2 = 14": (THREE_TWO_ONE, lambda c, n: equal(n.frobenius_norm_squared(_A(c)), n.number(14))),
    "det^2 = 36": (THREE_TWO_ONE, lambda c, n: equal(_square(n.determinant(_A(c))), n.number(36))),
    "|tr A| <= 6": (THREE_TWO_ONE, lambda c, n: at_most(n.absolute(n.trace(_A(c))), n.number(6))),
    "tr = 1, det = -2": (EIGEN, lambda c, n: equal(n.trace(_A(c)) * 2 + n.determinant(_A(c)), n.number(0))),
    "-1 <= a_ii <= 2": (EIGEN, lambda c, n: at_most(n.absolute(_A(c)[..., 0, 0] - n.number(1, 2)), n.number(3, 2))),
    "rank 2, det 0": (RANK_TWO, lambda c, n: equal(n.determinant(_A(c)), n.number(0), scale=n.number(1))),
    "||A||_F^2 >= 101": (TEN, lambda c, n: at_most(n.number(101), n.frobenius_norm_squared(_A(c)))),
    "1 <= a_11 <= 2": (DEFINITE, lambda c, n: at_most(n.absolute(_A(c)[..., 0, 0] - n.number(3, 2)), n.number(1, 2))),
    "B A B^T is semidefinite": (PSD_AND_ANY, lambda c, n: n.positive_semidefinite(_B(c) @ _A(c) @ _B(c).mT)),
    "uncorrelated": (REFLECTED, lambda c, n: equal(
        n.expectation(c.points[..., 0] * c.points[..., 1], c.weights), n.number(0), scale=n.number(1))),
    "k (n - k) <= n^2 / 4": (SHARES, lambda c, n: 4 * c.values[1] * (c.values[0] - c.values[1]) <= c.values[0] ** 2),
    "a^2 <= b c": (TRIPLE, lambda c, n: c.values[0] ** 2 <= c.values[1] * c.values[2]),
}  # fmt: skip


def _largest(x: Any, num: Any) -> Any:
    best = x[..., 0]
    for k in range(1, x.shape[-1]):
        best = num.maximum(best, x[..., k])
    return best


_SMALL = matrices(min_dimension=2, max_dimension=3, laws=("gaussian", "small integers"))

#: False, and no rational number settles them.
FALSE: dict[str, Row] = {
    "exp(A) is singular": (_SMALL, lambda c, n: n.singular(n.exp(_A(c) / 4))),
    "softmax(A) is singular": (_SMALL, lambda c, n: n.singular(n.softmax(_A(c)))),
    "rank softmax(A) <= 1": (_SMALL, lambda c, n: at_most(n.rank(n.softmax(_A(c))), 1)),
    "softmax(A) + softmax(A)^T >= 0": (
        _SMALL, lambda c, n: n.positive_semidefinite(n.softmax(_A(c)) + n.softmax(_A(c)).mT)),
    "||softmax(A)||_2 <= 1": (_SMALL, lambda c, n: at_most(n.spectral_norm(n.softmax(_A(c))), n.number(1))),
    "||A||_* <= ||A||_F + ||A||_2 / 9": (
        _SMALL, lambda c, n: at_most(sum(_values(c, n)), n.frobenius_norm(_A(c)) + n.spectral_norm(_A(c)) / 9)),
}  # fmt: skip


def promises(*, seed: int, recipes: int = 24, every: int = 1) -> Endings:
    """Hunts of the true claims, with a seed: convicted and accused ones are wrong."""
    return _endings(TRUE, seed, recipes, every, lambda outcome: outcome in ("refuted", "accused"))


def hard_to_settle(*, seed: int, recipes: int = 24, every: int = 1) -> Endings:
    """Hunts of the false claims: those that survive are wrong."""
    return _endings(FALSE, seed, recipes, every, lambda outcome: outcome == "survived")


def _endings(rows: dict[str, Row], seed: int, recipes: int, every: int, wrong: Callable[[str], bool]) -> Endings:
    result = Endings()
    for name, (strategy, conclusion) in list(rows.items())[::every]:
        outcome = hunt(
            _claim(conclusion, name), strategy, seed=seed, recipes=recipes, largest_batch=128, shrink=False
        ).outcome
        result.tried += 1
        result.counts[outcome] = result.counts.get(outcome, 0) + 1
        if wrong(outcome):
            result.wrong.append(f"{name}: {outcome}, seed {seed}")
    return result
