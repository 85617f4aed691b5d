"""Zeng and Lee, Section 2.2 and Appendix E: index ranges and subscripts as they are printed.

Theorems 5 (main text) and 15 print adapters and biases for l = 1..L-bar only, and the proof of Theorem 5 has the
subscript of R-tilde_{i+1} where R-tilde_i + 1 is meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from theorems.adaptation.error_sizes import amplified, beta
from theorems.case import SVD, CountCase
from theorems.claim import Source
from theorems.errors import Undefined
from theorems.models.relu import NetworkCase, uniform_partition
from theorems.num import Num
from theorems.statement import Conclude, conclude, equal, exists, suppose
from theorems.texts.zeng_lee.linear.linear_models import Steps, sigma, truncated
from theorems.texts.zeng_lee.relu import obstructions
from theorems.texts.zeng_lee.relu.assumption_2 import assumption_2, assumption_2_of_the_text
from theorems.texts.zeng_lee.relu.assumptions import assumption_1
from theorems.texts.zeng_lee.relu.construction import (
    Method,
    approximation,
    by_elimination,
    by_equation_8,
    decompositions,
    mean_norm,
    scalar,
    uniform_ranks,
)
from theorems.texts.zeng_lee.relu.error_bounds import layer_errors
from theorems.texts.zeng_lee.relu.partition import LAYERS

# adapters and biases for l = 1..L-bar -----------------------------------------------------------------------------


def _with_the_first_layers_only(
    case: NetworkCase, ds: Sequence[SVD], ranks: Sequence[int], method: Method, bound: Any, num: Num
) -> Conclude:
    """Some f whose layers above the first L-bar are those of f_0 has E ||f - f-bar||_2 <= bound."""
    x, weights = case.inputs.points, case.inputs.weights
    wanted = case.target.forward(x, num)

    def attained() -> Any:
        if case.frozen.depth > case.depth:
            raise Undefined("no construction adapts the first layers only")
        f = approximation(case, ds, ranks, method, num).network
        return mean_norm(f.forward(x, num) - wanted, weights, num)

    return conclude(
        exists(
            attained=attained,
            lower_bound=obstructions.frozen_output(case, num),
            bound=bound,
            scale=num.maximum(bound, mean_norm(wanted, weights, num)),
        ),
        "some f that differs from f_0 in its first L-bar layers only has E ||f - f-bar||_2 <= the bound",
    )


def theorem_5_printed_range(case: NetworkCase, num: Num) -> Steps:
    """Theorem 5, main text, with its index range: adapters and biases for l = 1..L-bar, the other layers frozen.

    The bound is that of the main text.  With L > L-bar the last layer is frozen, and one without positive entries has
    no output above its bias (`frozen_output`), whatever the layers below do.

    Hypotheses  Assumption 1 as printed
    """
    ds, ranks = decompositions(case, num), uniform_ranks(case)
    yield from assumption_1(case, ds, num)
    bound = beta(case, case.biases, num) * amplified(case, layer_errors(case, ds, ranks, num), num)
    yield _with_the_first_layers_only(case, ds, ranks, by_equation_8, bound, num)


def _general(case: NetworkCase, num: Num) -> Steps:
    """The hypotheses of Theorem 15 at its threshold, with Assumption 2 both as printed and as meant."""
    ds = decompositions(case, num)
    yield from assumption_2(case, ds, num)
    yield from assumption_2_of_the_text(case, num)
    for i in range(case.depth):
        used = sum(case.ranks[l - 1] for l in case.partition[i])
        yield suppose(num.rank(case.errors[i].matrix) <= used, LAYERS)


def theorem_15_exactness_as_printed(case: NetworkCase, num: Num) -> Steps:
    """Theorem 15, exactness, as printed: adapters and biases for l = 1..L-bar, the other layers are those of f_0.

    Obstruction: with L > L-bar the last layer is frozen (`frozen_output`).

    Hypotheses  Assumption 2, as printed and as meant; the sum of R_l over P_i is at least rank(E_i)
    Conclusion  some such f has E ||f - f-bar||_2 <= 0
    """
    yield from _general(case, num)
    ds = decompositions(case, num)
    yield _with_the_first_layers_only(case, ds, case.ranks, by_elimination, num.number(0), num)


def theorem_15_bound_as_printed(case: NetworkCase, num: Num) -> Steps:
    """Theorem 15, error bound, as printed: adapters and biases for l = 1..L-bar, the other layers are those of f_0.

    Taken where the ranks of every block reach rank(E_i): all E_i are zero there and so is the right side, whatever
    the adapted biases in beta are.

    Hypotheses  Assumption 2, as printed and as meant; the sum of R_l over P_i is at least rank(E_i)
    Conclusion  some such f has E ||f - f-bar||_2 <= 0
    """
    yield from theorem_15_exactness_as_printed(case, num)


# sub-models ---------------------------------------------------------------------------------------------------------


def depth_of_sub_models(case: CountCase, num: Num) -> Steps:
    """Proof of Theorem 3: the sub-model f_i, with the layers in P_i^u, is printed as a network of L-bar layers.

    Hypotheses  1 <= L-bar <= L
    Conclusion  every block of the uniform partition has L-bar layers
    """
    L, target_depth = case.values
    for block in uniform_partition(L, target_depth):
        yield conclude(len(block) == target_depth, "f_i has L-bar layers")


# R-tilde_{i+1} ------------------------------------------------------------------------------------------------------

NEXT = "R-tilde_{i+1} >= 1"


def next_rank(RM: int, ranks: Sequence[Any], i: int, num: Num) -> Any:
    """RM ^ R-tilde_{i+1}, as printed."""
    return num.smaller(RM, ranks[i + 1])


def _subscripts(case: NetworkCase, num: Num) -> list[tuple[SVD, Any]]:
    """For i = 1..L-bar - 1 the SVD of E_i and sigma at RM ^ R-tilde_{i+1}; the last block has no R-tilde_{i+1}."""
    ds = decompositions(case, num)
    ranks = [num.rank(d.matrix) for d in ds]
    RM = case.rank * case.M
    return [(d, num.singular_value(d.matrix, next_rank(RM, ranks, i, num))) for i, d in enumerate(ds[:-1])]


def _with_ranks(case: NetworkCase, num: Num) -> Steps:
    for d in case.errors[1:]:
        yield suppose(num.rank(d.matrix) >= 1, NEXT)


def residual_norm_as_printed(case: NetworkCase, num: Num) -> Steps:
    """End of the chain for B_i, as printed: ||LR_{RM ^ R-tilde_i}(E_i) - E_i||_2 = sigma_{RM ^ R-tilde_{i+1}}(E_i),
    i < L-bar.

    R-tilde_i is the rank of E_i.

    Hypotheses  R-tilde_{i+1} >= 1, for sigma_0 is no singular value
    """
    yield from _with_ranks(case, num)
    RM = case.rank * case.M
    for d, value in _subscripts(case, num):
        left = num.spectral_norm(truncated(d, RM) - d.matrix)
        scale = num.frobenius_norm(d.matrix)
        yield conclude(equal(left, value, scale=scale), "||LR_{RM ^ R-tilde_i}(E_i) - E_i||_2 = sigma")
    yield conclude(True, "i = L-bar has no successor")


def residual_norm_repaired(case: NetworkCase, num: Num) -> Steps:
    """End of the chain for B_i, as meant: ||LR_{RM ^ R-tilde_i}(E_i) - E_i||_2 = sigma_{(RM ^ R-tilde_i) + 1}(E_i).

    Without i + 1 in it, it is said of i = L-bar as well, and so of L-bar = 1.
    """
    RM = case.rank * case.M
    for d in decompositions(case, num):
        left = num.spectral_norm(truncated(d, RM) - d.matrix)
        value = num.singular_value(d.matrix, num.smaller(RM, num.rank(d.matrix)) + 1)
        scale = num.frobenius_norm(d.matrix)
        yield conclude(equal(left, value, scale=scale), "||LR_{RM ^ R-tilde_i}(E_i) - E_i||_2 = sigma")


def last_equality_as_printed(case: NetworkCase, num: Num) -> Steps:
    """The last line of the proof of Theorem 5, as printed: sigma_{RM ^ R-tilde_{i+1}}(E_i) = sigma_{RM + 1}(E_i), i
    < L-bar.

    Hypotheses  R-tilde_{i+1} >= 1, for sigma_0 is no singular value
    """
    yield from _with_ranks(case, num)
    for d, value in _subscripts(case, num):
        right = scalar(sigma(d, case.rank * case.M + 1, num))
        yield conclude(equal(value, right, scale=scalar(sigma(d, 1, num))), "both indices")
    yield conclude(True, "i = L-bar has no successor")


_5 = Source("zeng-lee", "Theorem 5", "Section 2.2")
_15 = Source("zeng-lee", "Theorem 15", "Appendix E.3")
_PROOF_3 = Source("zeng-lee", "Theorem 3", "Appendix E.2, proof of Theorem 3")
_PROOF_5 = Source("zeng-lee", "chain for B_i", "Appendix E.2, proof of Theorem 5")
_FROZEN = (
    "obstruction for every adapter and bias of the first L-bar layers: D = 1, L = 2, L-bar = 1, a frozen W_2 = -1 "
    "gives f = 0; L = L-bar is as meant"
)

THEOREM_3_RANGES = (
    _PROOF_3.misprint(
        "zeng-lee/theorem-3.sub-model-depth:printed-letter", depth_of_sub_models,
        "blocks have M layers, the last one the rest: L = 2, L-bar = 1; L = 1 has one layer and one block",
        place="proof of Theorem 3, first display",
        printed="f_i = FNN_{L-bar,D}(·; (W_l + Delta W_l)_{l in P_i^u}, ...)",
        repaired_by="zeng-lee/example-1.uniform-partition",
    ),
)  # fmt: skip

THEOREM_5_RANGES = (
    _5.misprint(
        "zeng-lee/theorem-5:printed-letter", theorem_5_printed_range, _FROZEN,
        place="Theorem 5, Section 2.2",
        printed="(Delta W_l)_{l=1}^{L-bar}, (b-hat_l)_{l=1}^{L-bar}; Appendix E.2 has l = 1..L",
        repaired_by="zeng-lee/theorem-5:repaired",
    ),
)  # fmt: skip

PROOF_OF_THEOREM_5_RANGES = (
    _PROOF_5.misprint(
        "zeng-lee/beta-chain.residual-norm:printed-letter", residual_norm_as_printed,
        "the subscript of R-tilde_{i+1} for R-tilde_i + 1: D = 1, L-bar = 2, E_1 = E_2 = 1; L-bar = 1 has no i",
        place="Computing B_i, last line", printed="sigma_{RM ^ R-tilde_{i+1}}(E_i); (16) and (19) have R-tilde_i + 1",
        repaired_by="zeng-lee/beta-chain.residual-norm",
    ),
    _PROOF_5.stands(
        "zeng-lee/beta-chain.residual-norm", residual_norm_repaired,
        "the best approximation leaves the next singular value; both sides vanish from rank(E_i) on",
    ),
    Source("zeng-lee", "last line", "Appendix E.2, proof of Theorem 5").misprint(
        "zeng-lee/equation-21.last-equality:printed-letter", last_equality_as_printed,
        "the subscript of R-tilde_{i+1} for R-tilde_i + 1: D = 1, L-bar = 2, E_1 = E_2 = 1; L-bar = 1 has no i",
        place="last line of the proof of Theorem 5",
        printed="sigma_{RM ^ R-tilde_{i+1}} = sigma_{RM+1}; (16) and (19) have R-tilde_i + 1",
        repaired_by="zeng-lee/equation-21.last-equality",
    ),
)  # fmt: skip

THEOREM_15_RANGES = (
    _15.misprint(
        "zeng-lee/theorem-15.exactness:printed-letter", theorem_15_exactness_as_printed,
        f"adapters and biases for l = 1..L-bar only. {_FROZEN}",
        place="Theorem 15, first paragraph",
        printed="LoRA adapters (Delta W_l)_{l=1}^{L-bar}; Lemma 14 and Assumption 2 have l = 1..L",
        repaired_by="zeng-lee/theorem-15.exactness",
    ),
    _15.misprint(
        "zeng-lee/theorem-15.error-bound:printed-letter", theorem_15_bound_as_printed,
        f"adapters and biases for l = 1..L-bar only, and E_i = 0. {_FROZEN}",
        place="Theorem 15, second paragraph",
        printed="(Delta W_l)_{l=1}^{L-bar}, and ||b-hat_j||_2 in beta; Theorem 5 has b-bar_j",
        repaired_by="zeng-lee/theorem-15.error-bound:repaired",
    ),
)  # fmt: skip
