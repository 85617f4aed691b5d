"""One hidden layer with kinks: the exact condition for two layers against two, and thresholds up to scales."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from theorems.adaptation.error_sizes import largest
from theorems.case import Array
from theorems.claim import Source
from theorems.errors import InputError
from theorems.models.relu import ReluNetwork
from theorems.num import Num
from theorems.properties import Axes
from theorems.statement import Conclude, Suppose, conclude, exists, less_than, suppose
from theorems.texts.zeng_lee.relu.construction import scalar, sup_norm
from theorems.texts.zeng_lee.transformer.obstructions import Minors, never_zero

Steps = Iterator[Suppose | Conclude]

REGULAR = "W_1, W_2, W-bar_1 and W-bar_2 are non-singular"
ON = "b-bar_2 > 0"
POSITIVE = "s > 0"
FIRST = "rank(G W-bar_1 - W_1) <= R_1"
SECOND = "rank(W-bar_2 G^{-1} - W_2) <= R_2"
#: Beyond that width the permutations and minors become too many.
WIDEST = 4


@dataclass(frozen=True)
class OneBendCase:
    """Two networks of two layers, ranks, and a positive monomial G: row i is scales[i] times the unit row order[i].

    frozen, target  of one width D
    ranks           R_1, R_2
    scales          s, (..., D)
    order           a permutation of 0, ..., D - 1
    """

    frozen: ReluNetwork
    target: ReluNetwork
    ranks: tuple[int, int]
    scales: Annotated[Array, Axes("D")]
    order: tuple[int, ...]

    def __post_init__(self) -> None:
        D = self.frozen.width
        if not self.frozen.depth == self.target.depth == 2 or self.target.width != D:
            raise InputError("both networks must have two layers and one width")
        if sorted(self.order) != list(range(D)) or self.scales.shape[-1:] != (D,):
            raise InputError(f"the order {self.order} is no permutation of 0..{D - 1}, or there are not {D} scales")
        if len(self.ranks) != 2 or not all(0 <= R <= D for R in self.ranks):
            raise InputError(f"the LoRA-ranks {self.ranks} are not two of 0..{D}")

    def monomial(self, num: Num) -> Array:
        """G."""
        rows = num.identity(self.frozen.width)[..., list(self.order), :]
        G: Array = num.diagonal(self.scales) @ rows
        return G

    def inverse(self, num: Num) -> Array:
        """G^{-1}, for scales that are not zero."""
        columns = num.identity(self.frozen.width)[..., list(self.order), :].mT
        safe = np.asarray(self.scales)
        inverse: Array = columns @ num.diagonal(1 / safe)
        return inverse


def one_bend(case: OneBendCase, num: Num) -> Steps:
    """Two layers against two with kinks on X: f = f-bar about x* = -W-bar_1^{-1} b-bar_1 for some adapters and biases
    just when a positive monomial G has rank(G W-bar_1 - W_1) <= R_1 and rank(W-bar_2 G^{-1} - W_2) <= R_2.

    The case carries G.  "If": A_1 = G W-bar_1, b_1 = G b-bar_1, A_2 = W-bar_2 G^{-1}, b_2 = b-bar_2 is the same
    function.  "Only if": about x* all outputs are positive, so that f-bar kinks on D hyperplanes with independent
    normals, by W-bar_2 e_j times row j of W-bar_1; the D units of f make them: rows of (A_1, b_1) are s_i != 0 times
    rows of (W-bar_1, b-bar_1), A_2 e_i |s_i| = W-bar_2 e_pi(i), and f - f-bar = - sum_{s_i < 0} W-bar_2 e_pi(i) (row
    pi(i) of W-bar_1) (x - x*) + const vanishes only if all s_i are positive.

    Hypotheses    the four weights are non-singular; b-bar_2 > 0; s > 0; the two ranks
    Construction  those adapters
    Conclusion    f = f-bar at x* and at x* + W-bar_1^{-1} u for u = e_j, -e_j and all signs, which settles every cone
    Obstruction   for every permutation a minor of size R_1 + 1 or R_2 + 1 whose coefficients have one sign
    """
    W, T = case.frozen, case.target
    for A in (*W.weights, *T.weights):
        yield suppose(num.nonsingular(A), REGULAR)
    yield suppose(less_than(num.zeros(W.width), T.biases[1]), ON)
    yield suppose(less_than(num.zeros(W.width), case.scales), POSITIVE)
    G, inverse = case.monomial(num), case.inverse(num)
    changes = G @ T.weights[0] - W.weights[0], T.weights[1] @ inverse - W.weights[1]
    yield suppose(num.rank(changes[0]) <= case.ranks[0], FIRST)
    yield suppose(num.rank(changes[1]) <= case.ranks[1], SECOND)
    points = _probes(T, num)
    wanted = T.forward(points, num)

    def attained() -> Any:
        f = W.adapted(changes, (num.apply(G, T.biases[0]), T.biases[1]))
        missed = sup_norm(f.forward(points, num) - wanted, num) / num.maximum(sup_norm(wanted, num), num.number(1))
        for change, R in zip(changes, case.ranks, strict=True):  # they are adapters of the ranks, or none are known
            missed = num.where(num.rank(change) > R, num.number(1), missed)
        return missed

    yield conclude(
        exists(attained=attained, lower_bound=no_monomial(case, num), bound=num.number(0), scale=num.number(1)),
        "f = f-bar about x*",
    )


def _probes(T: ReluNetwork, num: Num) -> Array:
    """x* + W-bar_1^{-1} u for u = 0, e_j, -e_j and the vectors of signs times t, as rows, t so small that b-bar_2
    keeps all outputs of f-bar positive."""
    D = T.width
    smallest = -largest([-scalar(T.biases[1][..., j]) for j in range(D)], num)
    size = num.absolute(T.weights[1]).sum(-1)
    t = smallest / (2 * (1 + largest([scalar(size[..., j]) for j in range(D)], num)))
    signs = [[1 if code >> j & 1 else -1 for j in range(D)] for code in range(2**D)]
    unit = [[n * (i == j) for i in range(D)] for j in range(D) for n in (1, -1)]
    u = num.times(t, num.constant([[0] * D, *unit, *signs]))
    points: Array = num.solve(T.weights[0], (u - T.biases[0][..., None, :]).mT).mT
    return points


def no_monomial(case: OneBendCase, num: Num) -> Callable[[], Any]:
    """A function: one where for no positive monomial both ranks are in reach; zero elsewhere.

    rank(G W-bar_1 - W_1) = rank(G U - I), U = W-bar_1 W_1^{-1}, and rank(W-bar_2 G^{-1} - W_2) = rank(G U' - I), U' =
    W-bar_2^{-1} W_2.
    """

    def excluded() -> Any:
        D = case.frozen.width
        if D > WIDEST or min(case.ranks) >= D:
            return num.number(0)
        W, T = case.frozen.weights, case.target.weights
        sides = [
            (Minors(num.solve(W[0].mT, T[0].mT).mT, num), case.ranks[0] + 1),
            (Minors(num.solve(T[1], W[1]), num), case.ranks[1] + 1),
        ]
        certain: Any = True
        for order in itertools.permutations(range(D)):
            found: Any = False
            for minors, k in sides:
                for I, J in itertools.product(itertools.combinations(range(D), k), repeat=2):
                    found = found | never_zero(minors, order, I, J)
            certain = certain & found
        regular: Any = True
        for A in (*W, *T):
            regular = regular & (num.rank(A) >= D)
        for j in range(D):
            regular = regular & (scalar(case.target.biases[1][..., j]) > 0)
        return num.where(certain & regular, num.number(1), num.number(0))

    return excluded


CLAIMS = (
    Source("ours", "Theorem B9", "BENT_NETWORKS, section 6").stands(
        "ours/one-bend", one_bend,
        "D kinks with independent normals are made by D units only: the layers agree up to positive scales",
    ),
)  # fmt: skip
