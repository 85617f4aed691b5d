"""Zeng and Lee, Theorem 5 and the error bound of Theorem 15: what remains below the rank threshold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from theorems.adaptation.error_sizes import amplified, beta, root_of_trace
from theorems.case import SVD
from theorems.claim import Source
from theorems.facts import not_needed
from theorems.models.relu import NetworkCase, ReluNetwork
from theorems.num import Num
from theorems.statement import Conclude, at_most, conclude, exists
from theorems.texts.zeng_lee.arguments import RAISING_IN_BLOCKS, without_sums
from theorems.texts.zeng_lee.linear.linear_models import Steps, sigma
from theorems.texts.zeng_lee.relu import obstructions
from theorems.texts.zeng_lee.relu.assumptions import SUMS, UNIFORM, assumption_1
from theorems.texts.zeng_lee.relu.construction import (
    Method,
    approximation,
    by_equation_8,
    covariance,
    decompositions,
    in_block,
    mean_norm,
    mean_square,
    scalar,
    uniform_ranks,
)


def layer_errors(case: NetworkCase, ds: Sequence[SVD], ranks: Sequence[int], num: Num) -> list[Any]:
    """E_i = sigma_{k+1}(W-bar_i - prod_{l in P_i} W_l), k the sum of the ranks in P_i (RM for the uniform
    partition)."""
    return [scalar(sigma(d, sum(in_block(case, i, ranks)) + 1, num)) for i, d in enumerate(ds)]


def within(
    case: NetworkCase, ds: Sequence[SVD], ranks: Sequence[int], method: Method, bound: Any, num: Num
) -> Conclude:
    """Some f has E ||f - f-bar||_2 <= bound: supported by the centred construction in the mean square, which is
    more."""
    x, weights = case.inputs.points, case.inputs.weights
    wanted = case.target.forward(x, num)

    def attained() -> Any:
        f = approximation(case, ds, ranks, method, num, centred=True).network
        return num.sqrt(mean_square(f.forward(x, num) - wanted, weights, num))

    size = num.sqrt(mean_square(wanted, weights, num))
    return conclude(
        exists(
            attained=attained,
            lower_bound=obstructions.mean_error(case, num),
            bound=bound,
            scale=num.maximum(bound, size),
        ),
        "E ||f - f-bar||_2 <= the bound",
    )


def theorem_5(case: NetworkCase, num: Num) -> Steps:
    """Theorem 5, as printed in the main text: some f has E ||f - f-bar|| <= beta sum_i max_k (||W-bar_k||_F +
    E_k)^{L-bar-i} E_i.

    beta is the largest of sqrt(||Sigma||_F) and of sqrt(||Sigma||_F) prod_{j<=i} ||W-bar_j||_F +
    sum_{j<=i} prod_{k=j+1}^{i-1} ||W-bar_k||_F ||b-bar_j||; E_i = sigma_{RM+1}.  Already at L = 1 sqrt(||Sigma||_F)
    is less than E ||x||, which an always-active target of small size turns against every adapter (`mean_error`).

    Hypotheses  Assumption 1 as printed
    """
    ds, ranks = decompositions(case, num), uniform_ranks(case)
    yield from assumption_1(case, ds, num)
    bound = beta(case, case.biases, num) * amplified(case, layer_errors(case, ds, ranks, num), num)
    yield within(case, ds, ranks, by_equation_8, bound, num)


def theorem_5_repaired(case: NetworkCase, num: Num) -> Steps:
    """Theorem 5, repaired: sqrt(tr Sigma) for the last sqrt(||Sigma||_F) in beta; nothing else changes.

    With the output biases b-bar_i - N_i E z-bar_{i-1} block i errs by N_i (z - E z).  In the mean square the first
    one is at most E_1 sqrt(tr Cov x) <= E_1 beta; for i >= 2 ReLU layers contract variances, tr Cov z-bar_{i-1} <=
    ||Cov x||_2 prod_{j<i} ||W-bar_j||_F^2, so that E_i sqrt(tr Cov z-bar_{i-1}) <= E_i beta; later blocks amplify by
    ||W-bar_k + N_k||_2 <= ||W-bar_k||_2 + E_k.  (The plain construction needs more: see the chain for beta.)

    Hypotheses    Assumption 1 as printed
    Construction  equation (8) in every block, linearisation, centred biases
    """
    ds, ranks = decompositions(case, num), uniform_ranks(case)
    yield from assumption_1(case, ds, num)
    size = beta(case, case.biases, num, floor=root_of_trace)
    yield within(case, ds, ranks, by_equation_8, size * amplified(case, layer_errors(case, ds, ranks, num), num), num)


def sharp_bound(case: NetworkCase, ds: Sequence[SVD], ranks: Sequence[int], method: Method, num: Num) -> Any:
    made = approximation(case, ds, ranks, method, num, centred=True)
    reached = case.target.activations(case.inputs.points, num)
    bound = None
    for N, W, z in zip(made.residuals, case.target.weights, reached, strict=False):
        C = covariance(z, case.inputs.weights, num)
        fresh = num.sqrt(num.trace(N @ C @ N.mT))
        bound = fresh if bound is None else num.spectral_norm(W + N) * bound + fresh
    return bound


def theorem_5_sharpened(case: NetworkCase, num: Num) -> Steps:
    """Theorem 5, sharpened: sqrt(E ||f - f-bar||^2) <= sum_i prod_{k>i} ||W-bar_k + N_k||_2 sqrt(tr(N_i
    Cov(z-bar_{i-1}) N_i^T)).

    No bias and no Frobenius norm of a weight is left; N_i = LR_{RM}(E_i) - E_i.

    Hypotheses    Assumption 1 as printed
    Construction  equation (8) in every block, linearisation, centred biases
    """
    ds, ranks = decompositions(case, num), uniform_ranks(case)
    yield from assumption_1(case, ds, num)
    yield within(case, ds, ranks, by_equation_8, sharp_bound(case, ds, ranks, by_equation_8, num), num)


def theorem_5_construction(case: NetworkCase, num: Num) -> Steps:
    """Theorem 5, the construction of its proof: with the biases b-bar_i it meets the bound of the main text.

    Hypotheses  Assumption 1 as printed
    """
    ds, ranks = decompositions(case, num), uniform_ranks(case)
    yield from assumption_1(case, ds, num)
    bound = beta(case, case.biases, num) * amplified(case, layer_errors(case, ds, ranks, num), num)
    f = approximation(case, ds, ranks, by_equation_8, num).network
    yield meets(case, f, bound, num)


def meets(case: NetworkCase, f: ReluNetwork, bound: Any, num: Num) -> Conclude:
    """That network has E ||f - f-bar||_2 <= bound."""
    x, weights = case.inputs.points, case.inputs.weights
    wanted = case.target.forward(x, num)
    error = mean_norm(f.forward(x, num) - wanted, weights, num)
    scale = num.maximum(bound, mean_norm(wanted, weights, num))
    return conclude(at_most(error, bound, scale=scale), "the construction has E ||f - f-bar|| <= the bound")


SOURCE_5 = Source("zeng-lee", "Theorem 5", "Section 2.2, Appendix E.2")

ACTIVE = (
    "obstruction for every adapter and bias: E ||x|| exceeds sqrt(||Sigma||_F), and a small always-active target "
    "leaves no cheaper f; at L >= 2 with R >= 1 in every layer, where f may bend, too: :every-depth"
)

THEOREM_5 = (
    SOURCE_5.false(
        "zeng-lee/theorem-5", theorem_5,
        f"{ACTIVE}; D = 3 is least: for D <= 2 one singular value is left, and centred biases meet the bound",
        place="Theorem 5, Section 2.2",
        printed=(
            "E ||f(x) - f-bar(x)||_2 <= beta sum_{i=1}^{L-bar} max_k (||W-bar_k||_F + E_k)^{L-bar-i} E_i, beta = "
            "max_i(...) v sqrt(||Sigma||_F)"
        ),
        why=(
            "Behind beta is E ||x||_2 = sqrt(||Sigma||_F). What holds is E ||x||_2 <= sqrt(tr Sigma), and the "
            "trace exceeds the Frobenius norm from rank two on. With a small, always active target and equal "
            "singular values left over, no adapters and biases do better than the mean norm allows, and that "
            "exceeds the bound."
        ),
        repaired_by="zeng-lee/theorem-5:repaired",
    ),
    SOURCE_5.stands(
        "zeng-lee/theorem-5:repaired", theorem_5_repaired,
        "sqrt(tr Sigma) as the floor of beta, by the construction with centred biases",
        about={
            **RAISING_IN_BLOCKS,
            UNIFORM: not_needed("Theorem 15 has any partition", "zeng-lee/theorem-15.error-bound:repaired"),
            SUMS: without_sums("zeng-lee/theorem-15.error-bound:repaired"),
        },
    ),
    SOURCE_5.stands(
        "zeng-lee/theorem-5:sharpened", theorem_5_sharpened,
        "covariances of the target's activations, spectral norms, and the mean square error",
        about={
            **RAISING_IN_BLOCKS,
            UNIFORM: not_needed("Theorem 15 has any partition", "zeng-lee/theorem-15.error-bound:sharpened"),
            SUMS: without_sums("zeng-lee/theorem-15.error-bound:sharpened"),
        },
    ),
    SOURCE_5.false(
        "zeng-lee/theorem-5.construction", theorem_5_construction,
        "the proof's own network exceeds the bound: D = 2, L-bar = 3, where beta ends a product early (as "
        "beta-chain), or D = 3, L-bar = 1, where E ||x|| > sqrt(||Sigma||_F); D = 1 is always exact",
        place="proof of Theorem 5", printed="the construction of (14) and (15) meets the bound",
        repaired_by="zeng-lee/theorem-5:repaired",
    ),
)  # fmt: skip
