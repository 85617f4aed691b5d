"""The cases of the claims on notation, matrices, counts, random matrices and linear models."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from strategies.counts import counts
from strategies.linear import EDGES, STRATA, linear_cases
from strategies.mapped import (
    decomposition_pairs,
    minimisers,
    narrow_cases,
    skewed_pairs,
    target_cases,
    truncation_cases,
)
from strategies.matrices import matrices
from strategies.pretrained import real_linear_cases, trained_linear_cases
from strategies.random_models import matrix_laws, polynomials
from strategies.random_vectors import random_vectors

_square = matrices(count=1)
_pair = matrices(count=2)
_symmetric = matrices(count=1, structure="symmetric")
_semidefinite = matrices(count=1, structure="psd")
_sizes = counts(
    names={
        "D": (1, 12),
        "L": (1, 12),
        "L-bar": (1, lambda known: known["L"]),
        "R": (lambda known: -(-known["D"] // (known["L"] // known["L-bar"])), lambda known: known["D"]),
    }
)
# A share of L D against 2 R L D shows at ranks of fifty and more only.
_large_sizes = counts(
    names={
        "D": (1, 96),
        "L": (1, 12),
        "L-bar": (1, lambda known: known["L"]),
        "R": (lambda known: -(-known["D"] // (known["L"] // known["L-bar"])), lambda known: known["D"]),
    }
)
_least_rank = counts(
    names={
        "D": (1, 12),
        "L": (1, 12),
        "L-bar": (1, lambda known: known["L"]),
        "R": (
            lambda known: -(-known["D"] // (known["L"] // known["L-bar"])),
            lambda known: -(-known["D"] // (known["L"] // known["L-bar"])),
        ),
    }
)


def _divisible() -> st.SearchStrategy[Any]:
    from strategies.counts import CountRecipe

    def sizes(M: int, target_depth: int, R: int) -> CountRecipe:
        values = (R * M, M * target_depth, target_depth, R)
        return CountRecipe(("D", "L", "L-bar", "R"), values, (False,) * 4)

    return st.builds(sizes, M=st.integers(1, 6), target_depth=st.integers(1, 6), R=st.integers(1, 6))


# Linear models: random and adversarial ones, models trained in process, and real weights.
_uniform = st.one_of(
    linear_cases(), linear_cases(), linear_cases(max_dimension=8), real_linear_cases(), trained_linear_cases()
)
_per_layer = st.one_of(
    linear_cases(ranks="per-layer", min_rank=0), linear_cases(ranks="per-layer"), real_linear_cases(ranks="per-layer")
)
_threshold = ("rank at the threshold", "rank drop", "identity weights", "zero target", "gaussian", "ties in sigma")
_regular = tuple(name for name in STRATA if name not in EDGES)
_two_layers = linear_cases(min_depth=2, strata=_regular)
_diagonal_errors = linear_cases(min_dimension=2, max_dimension=3, min_depth=2, strata=("identity weights",))
_distinct = ("gaussian", "Xavier weights, gaussian target", "near over- and underflow", "nearly singular partial sum")
_edges = ("singular weight", "singular partial sum", "zero target", "identity weights", "gaussian")

CASES: dict[str, st.SearchStrategy[Any]] = {
    # Notations
    "zeng-lee/notation.sigma": truncation_cases(),
    "zeng-lee/notation.sigma:repaired": truncation_cases(),
    "zeng-lee/notation.best-approximation": truncation_cases(),
    "zeng-lee/notation.best-approximation:unique-spectral": truncation_cases(min_dimension=2),
    "zeng-lee/notation.best-approximation:unique-frobenius": truncation_cases(),
    "zeng-lee/notation.best-approximation:unique-frobenius-gap": st.one_of(
        truncation_cases(min_dimension=3, kinds=("leading",), strata=_distinct),
        truncation_cases(min_dimension=3, kinds=("leading",), strata=_distinct),
        truncation_cases(min_dimension=2),
    ),
    "zeng-lee/notation.low-rank": decomposition_pairs(),
    "zeng-lee/notation.low-rank:repaired": decomposition_pairs(),
    "zeng-lee/notation.full-rank": truncation_cases(strata=("rank at the threshold", "rank drop", "singular weight")),
    "zeng-lee/notation.input-space": matrices(count=2),
    "zeng-lee/notation.input-space:repaired": matrices(count=2, vectors=2),
    # Equation (1)
    "zeng-lee/equation-1.1": st.one_of(matrices(count=2, shapes="rectangular-chain"), _pair),
    "zeng-lee/equation-1.2": matrices(count=1, shapes="rectangular", vectors=1),
    "zeng-lee/equation-1.3": random_vectors(),
    "zeng-lee/equation-1.4": st.one_of(matrices(count=2, shapes="transposed-pair"), _pair),
    "zeng-lee/equation-1.5": _pair,
    "zeng-lee/equation-1.5:repaired": matrices(count=2, structure="psd"),
    "zeng-lee/equation-1.5:sharpened": st.one_of(matrices(count=2, structure="psd"), skewed_pairs()),
    "zeng-lee/equation-1.5:norms": matrices(count=2, shapes="transposed-pair"),
    "zeng-lee/equation-1.6": matrices(count=1, shapes="rectangular"),
    "zeng-lee/equation-1.7": _symmetric,
    "zeng-lee/equation-1.7:repaired": _semidefinite,
    "zeng-lee/equation-1.7:rank-one": matrices(count=1, structure="psd-rank-one"),
    "zeng-lee/equation-1.7:squared": _symmetric,
    "zeng-lee/equation-1.8": truncation_cases(),
    # Parameter count
    "zeng-lee/parameter-count.learnable": _large_sizes,
    "zeng-lee/parameter-count.chain": _sizes,
    "zeng-lee/parameter-count.chain:repaired": _sizes,
    "zeng-lee/parameter-count.approximation": _sizes,
    "zeng-lee/parameter-count.approximation:repaired": _sizes,
    "zeng-lee/parameter-count.target": _sizes,
    "zeng-lee/parameter-count.target:weights": _sizes,
    "zeng-lee/parameter-count.factor-of-two": _least_rank,
    "zeng-lee/parameter-count.factor-of-two:repaired": _divisible(),
    "zeng-lee/parameter-count.factor-of-two:sharpened": _least_rank,
    "zeng-lee/parameter-count.degrees-of-freedom": _sizes,
    "zeng-lee/parameter-count.close-models": counts(
        names={"D": (3, 64), "L": (1, 48), "L-bar": (lambda known: known["L"], lambda known: known["L"]), "R": (1, 1)}
    ),
    # Almost-sure statements
    "zeng-lee/lemma-7": polynomials(),
    "zeng-lee/lemma-8:atomless": matrix_laws(atoms=False),
    "zeng-lee/lemma-8:density": matrix_laws(singular_parts=False),
    "zeng-lee/lemma-8.exact-point": counts(names={"D": (1, 12)}),
    "zeng-lee/lemma-8:independent-entries": _square,
    # Lemma 9
    "zeng-lee/lemma-9.value": _uniform,
    "zeng-lee/lemma-9.value:frozen-hypothesis-dropped": _uniform,
    "zeng-lee/lemma-9.value:without-partial-sums": st.one_of(_uniform, linear_cases(strata=_edges)),
    "zeng-lee/lemma-9.value:without-nonsingularity": linear_cases(strata=_edges),
    "zeng-lee/lemma-9.exactness": linear_cases(strata=_threshold),
    "zeng-lee/lemma-9.exactness:without-partial-sums": linear_cases(strata=_threshold),
    "zeng-lee/lemma-9.exactness:without-nonsingularity": linear_cases(strata=(*_threshold, "singular weight")),
    "zeng-lee/lemma-9.exactness:threshold-is-necessary": linear_cases(
        min_dimension=3, max_dimension=6, max_depth=2, strata=_distinct
    ),
    "zeng-lee/lemma-9.optimal-solution": minimisers(),
    "zeng-lee/lemma-9.optimal-solution:gap": minimisers(min_dimension=2),
    "zeng-lee/lemma-9.optimal-solution:repaired": _uniform,
    "zeng-lee/lemma-9.optimal-solution:frobenius": st.one_of(
        minimisers(min_dimension=2, max_depth=1, kinds=("leading",), strata=_distinct),
        minimisers(min_dimension=2, max_depth=1, kinds=("leading",), strata=_distinct[:3]),
        minimisers(
            min_dimension=5, max_dimension=6, min_depth=2, max_depth=2, kinds=("leading",), strata=_distinct[:3]
        ),
        minimisers(min_dimension=2, max_depth=1),
    ),
    # its proof
    "zeng-lee/equation-3": _uniform,
    "zeng-lee/equation-3.rank": _per_layer,
    "zeng-lee/equation-4": _uniform,
    "zeng-lee/equation-4.optimal-solution": minimisers(),
    "zeng-lee/equation-4.optimal-solution:repaired": _uniform,
    "zeng-lee/equation-5.value": minimisers(),
    "zeng-lee/equation-5.exactness": minimisers(kinds=("leading",), strata=("rank at the threshold", "rank drop")),
    "zeng-lee/equation-5.optimal-solution": minimisers(),
    "zeng-lee/equation-8.solves-6": _uniform,
    "zeng-lee/equation-8.rank": _uniform,
    "zeng-lee/equation-8.nonsingular": _uniform,
    "zeng-lee/equation-11": _uniform,
    "zeng-lee/equation-11:repaired": _uniform,
    "zeng-lee/equation-11.rank": _uniform,
    "zeng-lee/equation-11.product": _uniform,
    "zeng-lee/equation-12": _uniform,
    "zeng-lee/equation-12.nonsingular": st.one_of(_diagonal_errors, _two_layers),
    "zeng-lee/equation-12:repaired": _two_layers,
    "zeng-lee/rank-chain.substitution": linear_cases(min_dimension=2, min_depth=2),
    "zeng-lee/rank-chain.rank-of-q": _uniform,
    "zeng-lee/rank-chain.middle": _two_layers,
    "zeng-lee/rank-chain.last-line": st.one_of(_diagonal_errors, _two_layers),
    "zeng-lee/rank-chain.last-line:repaired": _two_layers,
    "zeng-lee/rank-chain.full-rank": st.one_of(_diagonal_errors, _two_layers),
    # the remark
    "zeng-lee/eckart-young-remark": linear_cases(max_depth=1),
    "zeng-lee/eckart-young-remark:repaired": linear_cases(max_depth=1),
    "zeng-lee/eckart-young-remark.best-approximation": target_cases(),
    "zeng-lee/eckart-young-remark.effective-rank": _uniform,
    # Lemma 10
    "zeng-lee/lemma-10.value": _per_layer,
    "zeng-lee/lemma-10.value:frozen-hypothesis-dropped": _per_layer,
    "zeng-lee/lemma-10.value:without-partial-sums": st.one_of(
        _per_layer, linear_cases(ranks="per-layer", strata=_edges)
    ),
    "zeng-lee/lemma-10.value:without-nonsingularity": linear_cases(ranks="per-layer", strata=_edges),
    "zeng-lee/lemma-10.exactness": linear_cases(ranks="per-layer", strata=_threshold),
    "zeng-lee/lemma-10.exactness:without-partial-sums": linear_cases(ranks="per-layer", strata=_threshold),
    "zeng-lee/lemma-10.exactness:without-nonsingularity": linear_cases(
        ranks="per-layer", strata=(*_threshold, "singular weight")
    ),
    "zeng-lee/lemma-10.exactness:threshold-is-necessary": linear_cases(
        ranks="per-layer", min_rank=0, min_dimension=3, max_dimension=6, max_depth=2, strata=_distinct
    ),
    "zeng-lee/lemma-10.optimal-solution": minimisers(ranks="per-layer"),
    "zeng-lee/lemma-10.optimal-solution:gap": minimisers(ranks="per-layer", min_dimension=2),
    "zeng-lee/lemma-10.optimal-solution:repaired": _per_layer,
    "zeng-lee/lemma-10.optimal-solution:frobenius": st.one_of(
        minimisers(ranks="per-layer", min_dimension=2, max_depth=1, kinds=("leading",), strata=_distinct),
        minimisers(ranks="per-layer", min_dimension=4, max_depth=2, kinds=("leading",), strata=_distinct),
        minimisers(ranks="per-layer", min_dimension=2),
    ),
    "zeng-lee/lemma-10.q-matrices": linear_cases(ranks="per-layer"),
    "zeng-lee/lemma-10.q-matrices.rank": linear_cases(ranks="per-layer"),
    "zeng-lee/lemma-10.q-matrices:repaired": _per_layer,
    # Appendix I
    "zeng-lee/appendix-i.rank": narrow_cases(),
    "zeng-lee/appendix-i.rank:repaired": narrow_cases(within_reach=True, strata=_regular),
    "zeng-lee/appendix-i.rank.of-the-error": narrow_cases(),
    "zeng-lee/appendix-i.error": narrow_cases(within_reach=True, strata=_regular),
    "zeng-lee/appendix-i.error:repaired": narrow_cases(within_reach=True, strata=_regular),
    "zeng-lee/appendix-i.error:first-coordinates": narrow_cases(),
    "zeng-lee/appendix-i.error.columns": narrow_cases(),
    "zeng-lee/appendix-i.error.rows": narrow_cases(),
}
