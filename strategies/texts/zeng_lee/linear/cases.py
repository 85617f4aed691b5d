"""The cases of the claims on notation, matrices, counts, random matrices and linear models."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.random import Generator

from theorems.case import SVD, Array, fractions
from theorems.models.linear import Adapter, LinearCase, LinearModel
from theorems.strategies.counts import CountRecipe, counts
from theorems.strategies.matrices import matrices
from theorems.strategies.mixed import beside, mostly
from theorems.strategies.models.linear import EDGES, STRATA, linear_cases
from theorems.strategies.models.mapped import (
    Mapped,
    decomposition_pairs,
    minimisers,
    narrow_cases,
    skewed_pairs,
    target_cases,
    truncation_cases,
)
from theorems.strategies.models.pretrained import real_linear_cases, trained_linear_cases
from theorems.strategies.models.random_models import matrix_laws, polynomials
from theorems.strategies.random_vectors import random_vectors
from theorems.strategies.texts.zeng_lee.linear.look_alikes import look_alikes


def _sized(**bounds: Any) -> st.SearchStrategy[Any]:
    """Matrices, now and then wide ones: constants like 2 stand for sqrt(D) up to D = 4."""
    return mostly(matrices(**bounds), matrices(**bounds, min_dimension=5, max_dimension=8))


_square = _sized(count=1)
_pair = _sized(count=2)
_symmetric = _sized(count=1, structure="symmetric")
_semidefinite = _sized(count=1, structure="psd")
_semidefinite_pair = _sized(count=2, structure="psd")
_truncations = mostly(truncation_cases(), truncation_cases(min_dimension=5, max_dimension=8))
_ranked: dict[str, Any] = {
    "D": (1, 12),
    "L": (1, 12),
    "L-bar": (1, lambda known: known["L"]),
    "R": (lambda known: -(-known["D"] // (known["L"] // known["L-bar"])), lambda known: known["D"]),
}
_least_ranked = {**_ranked, "R": (_ranked["R"][0], _ranked["R"][0])}


@st.composite
def _large(draw: st.DrawFn, least: bool = False) -> CountRecipe:
    """Sizes up to some hundreds, L at a multiple of L-bar or one short of the next, D at a multiple of M or one beyond:
    where what is a supremum is all but attained.
    """
    M, target_depth = draw(st.integers(1, 2) | st.integers(1, 20)), draw(st.integers(1, 400))
    D = draw(st.sampled_from([M * draw(st.integers(1, 8)), M + 1, draw(st.integers(1, 400))]))
    smallest = -(-D // M)
    L = M * target_depth + draw(st.sampled_from([0, target_depth - 1, draw(st.integers(0, target_depth - 1))]))
    R = smallest if least else draw(st.integers(smallest, D) | st.sampled_from([smallest, D]))
    return CountRecipe(("D", "L", "L-bar", "R"), (D, L, target_depth, R), (False, False, False, R in (smallest, D)))


_sizes = mostly(counts(names=_ranked), _large(), share=2)
_least_rank = mostly(counts(names=_least_ranked), _large(least=True), share=2)


def _divisible() -> st.SearchStrategy[Any]:
    def sizes(M: int, target_depth: int, R: int) -> CountRecipe:
        values = (R * M, M * target_depth, target_depth, R)
        return CountRecipe(("D", "L", "L-bar", "R"), values, (False,) * 4)

    return st.builds(sizes, M=st.integers(1, 24), target_depth=st.integers(1, 24), R=st.integers(1, 24))


#: Products of many unimodular matrices are beyond what floats can tell.
_DECIDED = tuple(name for name in STRATA if name != "unimodular weights")


def _deep(min_depth: int = 4, **bounds: Any) -> st.SearchStrategy[Any]:
    """Models of four layers and more, wide enough that their ranks add up to less than D."""
    usual = {"min_dimension": 5, "max_dimension": 7, "min_depth": min_depth, "max_depth": 5, "strata": _DECIDED}
    return linear_cases(**{**usual, **bounds})


# Linear models: random and adversarial ones, models trained in process, and real weights.
_uniform = mostly(
    st.one_of(
        linear_cases(), linear_cases(), linear_cases(max_dimension=8), real_linear_cases(), trained_linear_cases()
    ),
    _deep(),
    linear_cases(min_dimension=6, max_dimension=8, max_depth=2, strata=("ties in sigma", "identity weights")),
    share=3,
)
_per_layer = mostly(
    st.one_of(
        linear_cases(ranks="per-layer", min_rank=0), linear_cases(ranks="per-layer"),
        real_linear_cases(ranks="per-layer"),
    ),
    _deep(ranks="per-layer", min_rank=0),
    linear_cases(
        ranks="per-layer", min_rank=0, min_dimension=6, max_dimension=8, max_depth=2,
        strata=("ties in sigma", "identity weights"),
    ),
    share=3,
)  # fmt: skip
#: Identities and rank counts: what looks right where adapters cancel, or norms agree, is met as well.
_sums = mostly(_uniform, look_alikes(), share=5)
_sums_per_layer = mostly(_per_layer, look_alikes(ranks="per-layer", min_depth=2), share=5)
_met = ("rank at the threshold", "rank drop", "identity weights", "gaussian", "ties in sigma")
_threshold = (*_met, "zero target")
_regular = tuple(name for name in STRATA if name not in EDGES)
_two_layers = mostly(
    linear_cases(min_depth=2, strata=_regular), linear_cases(min_depth=2, strata=EDGES), _deep(strata=_regular)
)
def _halved(last: int, depth: int) -> LinearCase:
    """One unit, layers 1, ..., 1, last, a target of half their product: E counted twice cancels it."""

    def single(value: Fraction) -> Array:
        return fractions(np.array([[value]], dtype=object))

    one, nothing = single(Fraction(1)), Adapter(single(Fraction(0)), single(Fraction(0)))
    weights = (*(one,) * (depth - 1), single(Fraction(last)))
    error = SVD(one, fractions(np.array([Fraction(last, 2)], dtype=object)), -one)
    return LinearCase(LinearModel(weights), error, (1,) * depth, (nothing,) * depth)


_diagonal_errors = linear_cases(min_dimension=2, max_dimension=3, min_depth=2, strata=("identity weights",))
_tied = ("ties in sigma", "identity weights", "permutation weights")
_distinct = ("gaussian", "Xavier weights, gaussian target", "near over- and underflow", "nearly singular partial sum")
_edges = ("singular weight", "singular partial sum", "zero target", "identity weights", "gaussian")


def _elimination(usual: st.SearchStrategy[Any], **bounds: Any) -> st.SearchStrategy[Any]:
    """With edges, and layers that are singular, one at a time."""
    singular = linear_cases(**bounds, max_dimension=3, min_depth=2, strata=("singular weight",))
    return mostly(usual, linear_cases(**bounds, strata=_edges), singular, share=3)


def _exact(**bounds: Any) -> st.SearchStrategy[Any]:
    """At the threshold; now and then with a singular layer, and with four layers and more."""
    singular = linear_cases(**bounds, max_dimension=3, min_depth=2, strata=("singular weight", "zero target"))
    return mostly(
        linear_cases(**bounds, strata=_met),
        singular,
        _deep(**bounds, strata=_met[:2]),
        *([linear_cases(**{**bounds, "min_rank": 0}, strata=_met[:2])] if bounds else []),
        share=5,
    )


def _below(**bounds: Any) -> st.SearchStrategy[Any]:
    """Ranks that fall short, of one layer or two, and now and then of more; or that do not, the target met."""
    usual = linear_cases(**bounds, min_dimension=3, max_dimension=6, max_depth=2, strata=_distinct)
    deep = linear_cases(
        **bounds, min_dimension=4, max_dimension=6, min_depth=3, max_depth=4,
        strata=("gaussian", "rank at the threshold"),
    )  # fmt: skip
    ranks = {"ranks": bounds["ranks"]} if bounds else {}
    met = minimisers(**ranks, min_dimension=2, max_depth=2, kinds=("leading",), strata=("rank at the threshold",))
    at = linear_cases(**bounds, max_depth=2, strata=("rank at the threshold",))
    return mostly(st.one_of(usual, usual, met), deep, at, share=3)


#: Optimal competitors where values tie, at the cut or elsewhere.
_inner_ties = minimisers(min_dimension=3, max_dimension=5, max_depth=2, kinds=("leading",), strata=_tied)
def _minima(**bounds: Any) -> st.SearchStrategy[Any]:
    """Optima from the threshold on, with optima below it beside them."""
    return mostly(
        minimisers(**bounds, strata=("rank at the threshold", "rank drop", "identity weights")),
        minimisers(**bounds, min_dimension=2, max_depth=2, strata=("gaussian", "rank at the threshold")),
        linear_cases(**bounds, max_depth=2, strata=("rank at the threshold",)),
        # Wider ones have no competitor that attains the least error: the partial sums are singular.
        minimisers(**bounds, max_dimension=1, strata=("zero target",)),
        share=3,
    )


def _tied_at_the_cut(case: LinearCase, generator: Generator, size: int) -> LinearCase:
    """The case with sigma_{k+1} raised to sigma_k, k = R_1 + ... + R_L, where there are as many."""
    k, d = sum(case.ranks), case.error
    if not 1 <= k < d.s.shape[-1]:
        return case
    s = d.s.copy()
    s[..., k] = s[..., k - 1]
    return LinearCase(case.frozen, SVD(d.U, s, d.V), case.ranks, case.competitor)


def _ties(**bounds: Any) -> st.SearchStrategy[Any]:
    """Values that tie at the cut; those that tie elsewhere or nowhere beside them."""
    met = ("gaussian", "unimodular weights", "ties in sigma", "orthogonal weights")
    tied = st.builds(
        Mapped,
        st.one_of(
            linear_cases(**bounds, min_dimension=3, max_depth=2, strata=met),
            linear_cases(**bounds, min_dimension=5, max_dimension=6, max_depth=2, strata=met),
        ),
        st.just(_tied_at_the_cut), st.just("tied at the cut"),
    )  # fmt: skip
    others = linear_cases(**bounds, min_dimension=2, strata=("identity weights", "gaussian", "ties in sigma"))
    return mostly(tied, others, share=8)


_narrow = beside(
    narrow_cases(), narrow_cases(min_dimension=5, max_dimension=7, max_depth=2),
    narrow_cases(min_dimension=2, crossing=True),
)  # fmt: skip

_narrow_within_reach = mostly(
    narrow_cases(within_reach=True, strata=_regular),
    narrow_cases(min_dimension=2, strata=_regular),
    narrow_cases(min_dimension=4, max_dimension=6, min_depth=3, strata=_regular),
    narrow_cases(min_dimension=5, max_dimension=5, min_depth=2, max_depth=2, min_rank=2, strata=_distinct[:1]),
    share=3,
)

CASES: dict[str, st.SearchStrategy[Any]] = {
    # Notations
    "zeng-lee/notation.sigma:printed-letter": truncation_cases(),
    "zeng-lee/notation.sigma": _truncations,
    "zeng-lee/notation.best-approximation": _truncations,
    "zeng-lee/notation.best-approximation:unique-spectral": truncation_cases(min_dimension=2),
    "zeng-lee/notation.best-approximation:unique-frobenius": truncation_cases(),
    "zeng-lee/notation.best-approximation:unique-frobenius-gap": st.one_of(
        truncation_cases(min_dimension=3, kinds=("leading",), strata=_distinct),
        truncation_cases(min_dimension=3, kinds=("leading",), strata=_distinct),
        truncation_cases(min_dimension=2),
        truncation_cases(min_dimension=2, kinds=("leading", "swapped")),
    ),
    "zeng-lee/notation.low-rank": decomposition_pairs(),
    "zeng-lee/notation.low-rank:repaired": mostly(
        decomposition_pairs(), decomposition_pairs(min_dimension=3, max_dimension=5, strata=_tied), share=2
    ),
    "zeng-lee/notation.full-rank": mostly(
        truncation_cases(strata=("rank at the threshold", "rank drop", "singular weight")),
        truncation_cases(
            min_dimension=5, max_dimension=6, strata=("ties in sigma", "identity weights", "rank at the threshold")
        ),
        share=3,
    ),
    "zeng-lee/notation.input-space:printed-letter": matrices(count=2),
    "zeng-lee/notation.input-space": _sized(count=2, vectors=2),
    # Equation (1)
    "zeng-lee/equation-1.1": mostly(_sized(count=2, shapes="rectangular-chain"), _pair, share=2),
    "zeng-lee/equation-1.2": _sized(count=1, shapes="rectangular", vectors=1),
    "zeng-lee/equation-1.3": mostly(
        random_vectors(), random_vectors(min_dimension=5, max_dimension=6, min_points=6, max_points=12)
    ),
    "zeng-lee/equation-1.4": mostly(_sized(count=2, shapes="transposed-pair"), _pair, share=2),
    "zeng-lee/equation-1.5": _pair,
    "zeng-lee/equation-1.5:repaired": beside(_semidefinite_pair, _pair),
    "zeng-lee/equation-1.5:sharpened": beside(
        st.one_of(_semidefinite_pair, skewed_pairs()), _pair, share=3
    ),
    "zeng-lee/equation-1.5:norms": _sized(count=2, shapes="transposed-pair"),
    "zeng-lee/equation-1.6": mostly(_sized(count=1, shapes="rectangular"), _square),
    "zeng-lee/equation-1.7": _symmetric,
    "zeng-lee/equation-1.7:repaired": beside(_semidefinite, _symmetric, share=3),
    "zeng-lee/equation-1.7:rank-one": beside(matrices(count=1, structure="psd-rank-one"), _semidefinite),
    "zeng-lee/equation-1.7:squared": mostly(_symmetric, _square),
    "zeng-lee/equation-1.8": _truncations,
    # Parameter count
    "zeng-lee/parameter-count.learnable": _sizes,
    "zeng-lee/corollary-4:abstract": counts(
        names={"D": (1, 8), "L": (1, 8), "L-bar": (1, lambda known: known["L"]), "R": (1, lambda known: known["D"])}
    ),
    "zeng-lee/parameter-count.chain:printed-letter": _sizes,
    "zeng-lee/parameter-count.chain": _sizes,
    "zeng-lee/parameter-count.approximation:printed-letter": _sizes,
    "zeng-lee/parameter-count.approximation": _sizes,
    "zeng-lee/parameter-count.target": _sizes,
    "zeng-lee/parameter-count.target:weights": _sizes,
    "zeng-lee/parameter-count.factor-of-two": _least_rank,
    "zeng-lee/parameter-count.factor-of-two:repaired": mostly(_divisible(), _least_rank),
    "zeng-lee/parameter-count.factor-of-two:sharpened": _least_rank,
    "zeng-lee/parameter-count.learnable:degrees-of-freedom": _sizes,
    "zeng-lee/parameter-count.close-models": mostly(
        counts(
            names={
                "D": (3, 64), "L": (1, 48), "L-bar": (lambda known: known["L"], lambda known: known["L"]), "R": (1, 1)
            }
        ),
        counts(
            names={
                "D": (1, 4), "L": (1, 4), "L-bar": (1, lambda known: known["L"]), "R": (1, lambda known: known["D"])
            }
        ),
        counts(names=_ranked),
        share=6,
    ),
    # Almost-sure statements
    "zeng-lee/lemma-7": mostly(polynomials(), polynomials(max_variables=2, max_degree=6, max_grid=7), share=3),
    "zeng-lee/lemma-8:atomless": matrix_laws(atoms=False),
    "zeng-lee/lemma-8": mostly(matrix_laws(singular_parts=False), matrix_laws(min_dimension=2), share=3),
    "zeng-lee/lemma-8:exact-point": counts(names={"D": (1, 12)}),
    "zeng-lee/lemma-8:independent-entries": _square,
    # Lemma 9
    "zeng-lee/lemma-9.value": _uniform,
    "zeng-lee/lemma-9.value:frozen-hypothesis-dropped": _uniform,
    "zeng-lee/lemma-9.value:without-partial-sums": _elimination(_uniform),
    "zeng-lee/lemma-9.value:without-nonsingularity": linear_cases(strata=_edges),
    "zeng-lee/lemma-9.exactness": _exact(),
    "zeng-lee/lemma-9.exactness:without-partial-sums": _exact(),
    "zeng-lee/lemma-9.exactness:without-nonsingularity": linear_cases(strata=(*_threshold, "singular weight")),
    "zeng-lee/lemma-9.exactness:threshold-is-necessary": _below(),
    "zeng-lee/lemma-9.optimal-solution": minimisers(),
    "zeng-lee/lemma-9.optimal-solution:gap": minimisers(min_dimension=2),
    "zeng-lee/lemma-9.optimal-solution:repaired": _uniform,
    "zeng-lee/lemma-9.optimal-solution:frobenius": mostly(st.one_of(
        minimisers(min_dimension=2, max_depth=1, kinds=("leading",), strata=_distinct),
        minimisers(min_dimension=2, max_depth=1, kinds=("leading",), strata=_distinct[:3]),
        minimisers(
            min_dimension=5, max_dimension=6, min_depth=2, max_depth=2, kinds=("leading",), strata=_distinct[:3]
        ),
        minimisers(min_dimension=2, max_depth=1),
    ), _inner_ties, share=6),
    "zeng-lee/lemma-9.optimal-solution:no-gap": _ties(),
    "zeng-lee/lemma-9.optimal-solution:exact": _minima(),
    "zeng-lee/lemma-9.optimal-solution:exact-frobenius": _minima(),
    # its proof
    "zeng-lee/equation-3": _sums,
    "zeng-lee/equation-3.rank": _sums_per_layer,
    "zeng-lee/equation-4": _sums,
    "zeng-lee/equation-4.optimal-solution": minimisers(),
    "zeng-lee/equation-4.optimal-solution:repaired": _uniform,
    "zeng-lee/equation-5.value": mostly(
        minimisers(),
        linear_cases(max_depth=2),
        look_alikes(max_depth=2, looks=("reflected", "swapped")),
        minimisers(min_dimension=6, max_dimension=7, max_depth=1, kinds=("leading",), strata=_tied),
        share=3,
    ),
    "zeng-lee/equation-5.exactness": mostly(
        minimisers(kinds=("leading",), strata=("rank at the threshold", "rank drop")),
        linear_cases(max_depth=2, strata=("rank at the threshold", "rank drop")),
        look_alikes(max_depth=2, looks=("reflected", "swapped")),
        minimisers(max_depth=2, kinds=("leading",), strata=("uneven spectra", "zero target")),
        share=3,
    ),
    "zeng-lee/equation-5.optimal-solution": minimisers(),
    "zeng-lee/equation-8.solves-6": _uniform,
    "zeng-lee/equation-8.solves-6:any-q": _uniform,
    "zeng-lee/equation-8.rank": _uniform,
    "zeng-lee/equation-8.nonsingular": mostly(
        _uniform, linear_cases(max_dimension=3, strata=("singular partial sum",)), share=5
    ),
    "zeng-lee/equation-11": _uniform,
    "zeng-lee/equation-11:repaired": _uniform,
    "zeng-lee/equation-11.rank": mostly(_uniform, _per_layer, share=6),
    "zeng-lee/equation-11.nonsingular": st.one_of(
        linear_cases(max_dimension=1, min_depth=3), st.builds(_halved, st.integers(1, 3), st.integers(3, 4))
    ),
    "zeng-lee/equation-11.product": _uniform,
    "zeng-lee/equation-12:printed-letter": _uniform,
    "zeng-lee/equation-12.nonsingular:printed-letter": st.one_of(_diagonal_errors, _two_layers),
    "zeng-lee/equation-12": _two_layers,
    "zeng-lee/rank-chain.substitution:printed-letter": linear_cases(min_dimension=2, min_depth=2),
    "zeng-lee/rank-chain.rank-of-q": _uniform,
    # with singular targets: else both ranks are D
    "zeng-lee/rank-chain.middle": st.one_of(_diagonal_errors, _two_layers),
    "zeng-lee/rank-chain.last-line:printed-letter": st.one_of(_diagonal_errors, _two_layers),
    "zeng-lee/rank-chain.last-line": _two_layers,
    "zeng-lee/rank-chain.full-rank:printed-letter": st.one_of(_diagonal_errors, _two_layers),
    # the remark
    "zeng-lee/eckart-young-remark": linear_cases(max_depth=1),
    "zeng-lee/eckart-young-remark:equal": linear_cases(max_depth=1),
    "zeng-lee/eckart-young-remark:repaired": mostly(
        linear_cases(max_depth=1), linear_cases(max_depth=1, min_dimension=5, max_dimension=8), linear_cases(),
    ),
    "zeng-lee/eckart-young-remark.best-approximation:printed-letter": target_cases(),
    "zeng-lee/eckart-young-remark.effective-rank": mostly(
        _uniform, linear_cases(min_dimension=3, max_dimension=6, max_depth=2, strata=_distinct[:2]), share=2
    ),
    # Lemma 10
    "zeng-lee/lemma-10.value": _per_layer,
    "zeng-lee/lemma-10.value:frozen-hypothesis-dropped": _per_layer,
    "zeng-lee/lemma-10.value:without-partial-sums": _elimination(_per_layer, ranks="per-layer"),
    "zeng-lee/lemma-10.value:without-nonsingularity": linear_cases(ranks="per-layer", strata=_edges),
    "zeng-lee/lemma-10.exactness": _exact(ranks="per-layer"),
    "zeng-lee/lemma-10.exactness:without-partial-sums": _exact(ranks="per-layer"),
    "zeng-lee/lemma-10.exactness:without-nonsingularity": linear_cases(
        ranks="per-layer", strata=(*_threshold, "singular weight")
    ),
    "zeng-lee/lemma-10.exactness:threshold-is-necessary": _below(ranks="per-layer", min_rank=0),
    "zeng-lee/lemma-10.optimal-solution": minimisers(ranks="per-layer"),
    "zeng-lee/lemma-10.optimal-solution:gap": minimisers(ranks="per-layer", min_dimension=2),
    "zeng-lee/lemma-10.optimal-solution:repaired": _per_layer,
    "zeng-lee/lemma-10.optimal-solution:frobenius": mostly(st.one_of(
        minimisers(ranks="per-layer", min_dimension=2, max_depth=1, kinds=("leading",), strata=_distinct),
        minimisers(ranks="per-layer", min_dimension=4, max_depth=2, kinds=("leading",), strata=_distinct),
        minimisers(ranks="per-layer", min_dimension=2),
    ), _inner_ties, share=6),
    "zeng-lee/lemma-10.optimal-solution:no-gap": _ties(ranks="per-layer"),
    "zeng-lee/lemma-10.optimal-solution:exact": _minima(ranks="per-layer"),
    "zeng-lee/lemma-10.optimal-solution:exact-frobenius": _minima(ranks="per-layer"),
    "zeng-lee/lemma-10.q-matrices:printed-letter": linear_cases(ranks="per-layer"),
    "zeng-lee/lemma-10.q-matrices.rank:printed-letter": linear_cases(ranks="per-layer"),
    "zeng-lee/lemma-10.q-matrices": _per_layer,
    # Appendix I
    "zeng-lee/appendix-i.rank:printed-letter": narrow_cases(),
    "zeng-lee/appendix-i.rank": _narrow_within_reach,
    "zeng-lee/appendix-i.optimal-solution": _narrow_within_reach,
    "zeng-lee/appendix-i.rank.of-the-error": _narrow,
    "zeng-lee/appendix-i.error": narrow_cases(within_reach=True, strata=_regular),
    "zeng-lee/appendix-i.error:repaired": _narrow_within_reach,
    "zeng-lee/appendix-i.error:first-coordinates": _narrow,
    "zeng-lee/appendix-i.error.columns": _narrow,
    "zeng-lee/appendix-i.error.rows": narrow_cases(),
}
