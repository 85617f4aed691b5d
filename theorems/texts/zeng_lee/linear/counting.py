"""Zeng and Lee, the sentences after Corollary 4: how many parameters LoRA learns, and against how many."""

from __future__ import annotations

from collections.abc import Iterator

from theorems.case import CountCase
from theorems.claim import Source
from theorems.errors import InputError
from theorems.facts import definition, implied, not_needed, to_state
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, suppose

Steps = Iterator[Suppose | Conclude]


def _sizes(case: CountCase) -> tuple[int, int, int, int, int]:
    """D, L, L-bar, R and M = floor(L / L-bar)."""
    if len(case.values) != 4 or min(case.values) < 1:
        raise InputError(f"the sizes {case.values} must be four positive integers: D, L, L-bar, R")
    D, L, target_depth, R = case.values
    return D, L, target_depth, R, L // target_depth


def _setting(case: CountCase) -> Steps:
    """L-bar <= L, R in [D], and the rank of Corollary 4, R >= D / M."""
    D, L, target_depth, R, M = _sizes(case)
    yield suppose(target_depth <= L, "L-bar <= L")
    yield suppose(R <= D, "R in [D]")
    yield suppose(R * M >= D, "R >= D / M")


def learnable_parameters(case: CountCase, num: Num) -> Steps:
    """Parameter count: LoRA learns at least 2 R D L parameters.

    Each of the L layers has an adapter B A with B in R^{D x R}, A in R^{R x D}; the biases come on top.

    Hypotheses  R in [D], R >= D / M
    """
    D, L, _, R, _ = _sizes(case)
    yield from _setting(case)
    factors, biases = L * (D * R + R * D), L * D
    yield conclude(at_most(num.number(2 * R * D * L), num.number(factors + biases)), "at least 2 R D L are learnable")


def threshold_of_the_abstract(case: CountCase, num: Num) -> Steps:
    """Corollary 4, its threshold in the abstract: R >= D L-bar / L is enough for R >= D / M.

    The floor in M = floor(L / L-bar) is left out; where L-bar divides L the two are one.

    Hypotheses  L-bar <= L, R in [D], R >= D L-bar / L
    """
    D, L, target_depth, R, M = _sizes(case)
    yield suppose(target_depth <= L, "L-bar <= L")
    yield suppose(R <= D, "R in [D]")
    yield suppose(D * target_depth <= R * L, "R >= D L-bar / L")
    yield conclude(at_most(num.number(D, M), num.number(R)), "R >= D / M")


def chain_as_printed(case: CountCase, num: Num) -> Steps:
    """Parameter count, the chain as printed: 2 R D L >= 2 D^2 L / L-bar.

    Hypotheses  R in [D], R >= D / M with M = floor(L / L-bar)
    """
    D, L, target_depth, R, _ = _sizes(case)
    yield from _setting(case)
    yield conclude(
        at_most(num.number(2 * D * D * L, target_depth), num.number(2 * R * D * L)), "2 R D L >= 2 D^2 L / L-bar"
    )


def chain_repaired(case: CountCase, num: Num) -> Steps:
    """Parameter count, the chain as meant, M for L-bar: 2 R D L >= 2 D^2 L / M >= 2 D^2 L-bar.

    R >= D / M gives the first, M <= L / L-bar the second.

    Hypotheses  R in [D], R >= D / M
    """
    D, L, target_depth, R, M = _sizes(case)
    yield from _setting(case)
    yield conclude(at_most(num.number(2 * D * D * L, M), num.number(2 * R * D * L)), "2 R D L >= 2 D^2 L / M")
    yield conclude(
        at_most(num.number(2 * D * D * target_depth), num.number(2 * D * D * L, M)), "2 D^2 L / M >= 2 D^2 L-bar"
    )


def approximation_as_printed(case: CountCase, num: Num) -> Steps:
    """Parameter count, the approximation as printed: 2 D^2 L / L-bar is about 2 D^2 L-bar.

    Read generously: the two are within a factor of two of each other.

    Hypotheses  R in [D], R >= D / M
    """
    _, L, target_depth, _, _ = _sizes(case)
    yield from _setting(case)
    # both sides without their common factor 2 D^2
    one, other = num.number(L, target_depth), num.number(target_depth)
    yield conclude(at_most(one, 2 * other), "2 D^2 L / L-bar <= 2 * 2 D^2 L-bar")
    yield conclude(at_most(other, 2 * one), "2 D^2 L-bar <= 2 * 2 D^2 L / L-bar")


def approximation_repaired(case: CountCase, num: Num) -> Steps:
    """Parameter count, the approximation as meant: 2 D^2 L-bar <= 2 D^2 L / M < 2 * 2 D^2 L-bar.

    L < (M + 1) L-bar, so the ratio L / (M L-bar) is at least 1 and below 1 + 1/M <= 2, with equality at 1 when L-bar
    divides L.

    Hypotheses  1 <= L-bar <= L
    """
    _, L, target_depth, _, M = _sizes(case)
    yield suppose(target_depth <= L, "L-bar <= L")
    ratio = num.number(L, M * target_depth)
    yield conclude(at_most(num.number(1), ratio), "1 <= (L / M) / L-bar")
    largest = num.number((M + 1) * target_depth - 1, M * target_depth)
    yield conclude(at_most(ratio, largest), "(L / M) / L-bar < 1 + 1/M")


def target_parameters_as_printed(case: CountCase, num: Num) -> Steps:
    """Parameter count: the total number of parameters of the target model is D^2 L-bar.

    Hypotheses  the target has L-bar layers with a weight matrix in R^{D x D} and a bias in R^D each (Section 2.1)
    """
    D, _, target_depth, _, _ = _sizes(case)
    yield from _setting(case)
    yield conclude(equal(num.number(target_depth * (D * D + D)), num.number(D * D * target_depth)), "it is D^2 L-bar")


def target_weights(case: CountCase, num: Num) -> Steps:
    """Parameter count, repaired: the target has D^2 L-bar weights, and (D^2 + D) L-bar parameters with its biases.

    Hypotheses  as before
    """
    D, _, target_depth, _, _ = _sizes(case)
    total, biases = target_depth * (D * D + D), target_depth * D
    yield conclude(equal(num.number(total - biases), num.number(D * D * target_depth)), "D^2 L-bar without the biases")


def factor_of_two_as_printed(case: CountCase, num: Num) -> Steps:
    """Parameter count: LoRA is optimal up to a constant factor of 2.

    The smallest rank that Corollary 4 allows learns at most twice as many weights as the target has.

    Hypotheses  R = ceil(D / M)
    Conclusion  2 R D L <= 2 D^2 L-bar
    """
    D, L, target_depth, R, M = _sizes(case)
    yield from _setting(case)
    yield suppose((R - 1) * M < D, "R is the smallest rank >= D / M")
    yield conclude(at_most(num.number(2 * R * D * L), num.number(2 * D * D * target_depth)), "2 R D L <= 2 D^2 L-bar")


def factor_of_two_repaired(case: CountCase, num: Num) -> Steps:
    """Parameter count, repaired: the factor is exactly 2 when L-bar divides L and M divides D.

    Hypotheses  R = D / M is an integer; L = M L-bar
    Conclusion  2 R D L = 2 D^2 L-bar
    """
    D, L, target_depth, R, M = _sizes(case)
    yield from _setting(case)
    yield suppose(R * M == D, "M divides D and R = D / M")
    yield suppose(M * target_depth == L, "L-bar divides L")
    yield conclude(equal(num.number(2 * R * D * L), num.number(2 * D * D * target_depth)), "2 R D L = 2 D^2 L-bar")


def factor_of_two_sharpened(case: CountCase, num: Num) -> Steps:
    """Parameter count, sharpened: for every size the factor is at most 2 (1 + (M-1)/D) (1 + (L-bar - 1)/(M L-bar)).

    ceil(D / M) <= (D + M - 1) / M and L <= M L-bar + L-bar - 1; both are attained.

    Hypotheses  R = ceil(D / M)
    """
    D, L, target_depth, R, M = _sizes(case)
    yield from _setting(case)
    yield suppose((R - 1) * M < D, "R is the smallest rank >= D / M")
    factor = num.number(2 * (D + M - 1) * ((M + 1) * target_depth - 1), D * M * target_depth)
    yield conclude(at_most(num.number(2 * R * D * L, D * D * target_depth), factor), "the factor is bounded as stated")


def degrees_of_freedom(case: CountCase, num: Num) -> Steps:
    """Parameter count, with the symmetries of B A taken out: R (2D - R) L degrees of freedom suffice to be D^2 L-bar.

    The matrices of rank R form a manifold of dimension R (2D - R), not 2 R D: (B G, G^{-1} A) is the same adapter.  At
    the rank of Corollary 4 there are still as many as the target has weights, as there must be.

    Hypotheses  R in [D], R >= D / M
    """
    D, L, target_depth, R, _ = _sizes(case)
    yield from _setting(case)
    yield conclude(
        at_most(num.number(D * D * target_depth), num.number(R * (2 * D - R) * L)), "R (2D - R) L >= D^2 L-bar"
    )


def close_models(case: CountCase, num: Num) -> Steps:
    """Parameter count: with a frozen model close to the target LoRA can learn fewer than D^2 L-bar parameters.

    Theorem 3 needs R >= max_i rank(W-bar_i - prod W) / M, which can be 1 / M; one size where 2 R D L < D^2 L-bar is an
    example.  The count is that of the factors, without the D L biases that are tuned as well.

    Hypotheses  L = L-bar (M = 1), the errors have rank 1, R = 1, D >= 3
    Conclusion  2 R D L < D^2 L-bar
    """
    D, L, target_depth, R, _ = _sizes(case)
    yield suppose(target_depth == L, "L = L-bar")
    yield suppose(R == 1, "R = 1 is enough for errors of rank one")
    yield suppose(D >= 3, "D >= 3")
    yield conclude(at_most(num.number(2 * R * D * L + 1), num.number(D * D * target_depth)), "2 R D L < D^2 L-bar")


_SOURCE = Source("zeng-lee", "sentences after Corollary 4", "Section 2.2")

_FACTORS = not_needed("the factors have 2 R D entries for every R")

CLAIMS = (
    _SOURCE.stands(
        "zeng-lee/parameter-count.learnable", learnable_parameters,
        "2 R D entries in the factors of each of L adapters",
        largest=10_000,
        about={
            "L-bar <= L": not_needed("2 R D L factors are counted for every L"),
            **dict.fromkeys(("R in [D]", "R >= D / M"), _FACTORS),
        },
    ),
    Source("zeng-lee", "abstract", "Abstract").gap(
        "zeng-lee/corollary-4:abstract", threshold_of_the_abstract,
        "M is a floor: D = 3, L = 3, L-bar = 2, R = 2 has R >= 3 * 2 / 3, and D / M = 3",
        place="Abstract, line 4", printed="R >= D L-bar / L; Corollary 4 has R >= D / M, M = floor(L / L-bar)",
        repaired_by="zeng-lee/corollary-4",
    ),
    _SOURCE.misprint(
        "zeng-lee/parameter-count.chain:printed-letter", chain_as_printed,
        "L-bar for M: at L-bar = 1, L = 2, D = 2, R = 1 it reads 8 >= 16; D = 1 or L = 1 give equality or more",
        place="sentence after Corollary 4", printed="2RD · L >= 2D^2 L / L-bar; from R >= D / M it follows with L / M",
        repaired_by="zeng-lee/parameter-count.chain", largest=10_000,
    ),
    _SOURCE.stands(
        "zeng-lee/parameter-count.chain", chain_repaired, "R >= D / M and M <= L / L-bar", largest=10_000,
        about={"R in [D]": not_needed("R >= D / M gives the first inequality, M <= L / L-bar the second")},
    ),
    _SOURCE.misprint(
        "zeng-lee/parameter-count.approximation:printed-letter", approximation_as_printed,
        "the ratio L / L-bar^2 takes every size: L-bar = 1, L = 3 gives 3",
        place="sentence after Corollary 4", printed="2D^2 L / L-bar ~ 2D^2 L-bar; with M for the first L-bar it holds",
        repaired_by="zeng-lee/parameter-count.approximation", largest=10_000,
    ),
    _SOURCE.stands(
        "zeng-lee/parameter-count.approximation", approximation_repaired, "M L-bar <= L < (M + 1) L-bar",
        largest=10_000,
        about={"L-bar <= L": definition("M = floor(L / L-bar) is divided by")},
    ),
    _SOURCE.gap(
        "zeng-lee/parameter-count.target", target_parameters_as_printed,
        "the target's D L-bar biases are parameters too (the count is of its weights)",
        place="second sentence after Corollary 4", printed="number of parameters of the target = D^2 L-bar",
        repaired_by="zeng-lee/parameter-count.target:weights", largest=10_000,
    ),
    _SOURCE.stands(
        "zeng-lee/parameter-count.target:weights", target_weights, "L-bar matrices of D^2 entries",
        largest=10_000,
    ),
    _SOURCE.gap(
        "zeng-lee/parameter-count.factor-of-two", factor_of_two_as_printed,
        "the ceilings cost more than a constant: D = 1, L-bar = 1, L = 2 needs 4 weights for 1",
        place="third sentence after Corollary 4", printed="2RDL <= 2 D^2 L-bar, as far as a constant",
        repaired_by="zeng-lee/parameter-count.factor-of-two:repaired", largest=10_000,
    ),
    _SOURCE.stands(
        "zeng-lee/parameter-count.factor-of-two:repaired", factor_of_two_repaired,
        "without ceilings every step of the chain is an equality",
        largest=10_000,
        about={
            **dict.fromkeys(("L-bar <= L", "R in [D]"), implied("M divides D and R = D / M", "M >= 1 as R M = D >= 1")),
            "R >= D / M": implied("M divides D and R = D / M", "R M = D"),
        },
    ),
    _SOURCE.stands(
        "zeng-lee/parameter-count.factor-of-two:sharpened", factor_of_two_sharpened,
        "the two ceilings, each bounded by its worst case",
        largest=10_000,
        about={
            "L-bar <= L": to_state("M = floor(L / L-bar) is divided by"),
            "R in [D]": implied("R is the smallest rank >= D / M", "(R - 1) M < D with M >= 1 gives R <= D"),
            "R >= D / M": not_needed("only (R - 1) M < D enters, that is R <= (D + M - 1) / M"),
        },
    ),
    _SOURCE.stands(
        "zeng-lee/parameter-count.learnable:degrees-of-freedom", degrees_of_freedom,
        "R (2D - R) is increasing in R and (2M - 1) / M >= 1",
        largest=10_000,
    ),
    _SOURCE.decided(
        "zeng-lee/parameter-count.close-models", close_models,
        "an example is enough: D = 3, L = L-bar, R = 1 gives 6 L < 9 L",
        largest=10_000,
    ),
)  # fmt: skip
