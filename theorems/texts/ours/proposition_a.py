"""Proposition A: with non-singular frozen weights the products in reach are those within rank R_1 + ... + R_L.

    { prod (W_l + Delta_l) : rank Delta_l <= R_l }  =  { B : rank(B - prod W_l) <= R_1 + ... + R_L }
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from theorems.adaptation.linear import adapters_by_elimination
from theorems.case import Array
from theorems.claim import Source
from theorems.models.linear import Adapter
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, exists, suppose
from theorems.texts.ours.reach import ReachCase

Steps = Iterator[Suppose | Conclude]

FROZEN = "every W_l is non-singular"
WITHIN = "rank(E) <= R_1 + ... + R_L (E = B A with as many columns)"


def adapted(case: ReachCase, adapters: Sequence[Adapter]) -> Array:
    """prod (W_l + Delta_l), run forward."""
    return case.frozen.adapted([adapter.matrix for adapter in adapters]).matrix


def rank_bound(case: ReachCase, num: Num) -> Steps:
    """Proposition A, left in right: adapters of ranks R_l change the product by a matrix of rank at most sum R_l.

    prod (W_l + Delta_l) - prod W_l = sum_j S_j Delta_j M_{j-1} with the raw layers S_j above and the adapted ones
    M_{j-1} below layer j: L terms of ranks at most R_j.  The weights may be singular.

    Conclusion  rank(prod (W_l + Delta_l) - prod W_l) <= R_1 + ... + R_L for all adapters
    """
    change = adapted(case, case.competitor) - case.frozen.matrix
    yield conclude(at_most(num.rank(change), sum(case.ranks)), "rank(prod (W_l + Delta_l) - prod W_l) <= sum R_l")


def obstructions(case: ReachCase, num: Num) -> tuple[Any, ...]:
    """Lower bounds on the spectral error of *all* adapters of ranks R_l.

    - The product changes by a matrix of rank at most sum R_l (`rank_bound`): sigma_{sum R_l + 1}(E), by
    Eckart-Young-Mirsky. - The product has rank at most m = min (rank W_l + R_l), so that sigma_{m+1} of the target
    remains.
    """
    m = num.rank(case.frozen.weights[0]) + case.ranks[0]
    for W, R in zip(case.frozen.weights[1:], case.ranks[1:], strict=True):
        m = num.smaller(m, num.rank(W) + R)
    beyond_reach = num.singular_value(case.change.matrix, sum(case.ranks) + 1)
    return beyond_reach, num.singular_value(case.target, m + 1)


def _reached(case: ReachCase, num: Num) -> Conclude:
    """Some adapters give the target."""
    target = case.target

    def attained() -> Any:
        adapters = adapters_by_elimination(case.frozen.weights, case.change, case.ranks, num)
        return num.frobenius_norm(adapted(case, adapters) - target)

    return conclude(
        exists(
            attained=attained,
            lower_bound=obstructions(case, num),
            bound=num.number(0),
            scale=num.maximum(num.frobenius_norm(case.frozen.matrix), num.frobenius_norm(case.change.matrix)),
        ),
        "some adapters give the target exactly",
    )


def proposition_a(case: ReachCase, num: Num) -> Steps:
    """Proposition A: a product is in reach of adapters of ranks R_l just when it differs from prod W by rank <= sum
    R_l.

    No partial sum prod W + LR_r(E) has to be non-singular; ties, singular targets and R_l = 0 are allowed.

    Left in right: `rank_bound`.  Right in left: (prod W)^{-1} target = I + U V^T = (I + x_1 y_1^T) ... (I + x_k y_k^T)
    through a factorisation G^{-1} (I + V^T U) G = C X^{-1} with lower triangular C and unit upper triangular X for a G
    in general position (`adapters_by_elimination`); the factors are dealt out to the layers.  The midpoint flag is
    another construction (`ours/midpoint-flag`).

    Hypotheses    every W_l is non-singular; rank(E) <= R_1 + ... + R_L
    Construction  elimination
    Conclusion    prod (W_l + Delta_l) = prod W_l + E for some adapters; and no adapters of ranks R_l do more
    """
    for W in case.frozen.weights:
        yield suppose(num.nonsingular(W), FROZEN)
    yield suppose(case.columns <= sum(case.ranks), WITHIN)
    yield _reached(case, num)
    yield from rank_bound(case, num)


_SOURCE = Source("ours", "Proposition A", "MIDPOINT_FLAG, The statement")

CLAIMS = (
    _SOURCE.stands(
        "ours/proposition-a", proposition_a,
        "rank subadditivity; and elimination in general position, exact over the rationals",
    ),
    _SOURCE.stands(
        "ours/proposition-a.rank-bound", rank_bound,
        "the product changes by L terms S_j Delta_j M_{j-1} of ranks at most R_j, whatever the weights are",
    ),
    _SOURCE.false(
        "ours/proposition-a:without-nonsingularity", proposition_a,
        "W_1 = W_2 = 0 (or W_2 = I), target I, R = 1: rank(W_1 + Delta_1) <= 1; D = 1 has no such case",
        repaired_by="ours/proposition-a", skip=(FROZEN,),
    ),
)  # fmt: skip
