"""Zeng and Lee, Theorem 5 as Appendix E prints it: a beta with the adapted biases, and with a product for a maximum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from theorems.adaptation.error_sizes import (
    amplified,
    beta,
    largest,
    magnitudes,
    power,
    root_of_frobenius,
    second_moment,
)
from theorems.case import SVD, Array
from theorems.facts import not_needed
from theorems.models.relu import NetworkCase
from theorems.num import Num
from theorems.statement import at_most, conclude
from theorems.texts.zeng_lee.arguments import RAISING_IN_BLOCKS, without_sums
from theorems.texts.zeng_lee.linear.linear_models import Steps
from theorems.texts.zeng_lee.relu.assumptions import SUMS, UNIFORM, assumption_1
from theorems.texts.zeng_lee.relu.construction import (
    approximation,
    by_elimination,
    by_equation_8,
    decompositions,
    mean_norm,
    scalar,
    uniform_ranks,
)
from theorems.texts.zeng_lee.relu.error_bounds import SOURCE_5, layer_errors, meets, within
from theorems.texts.zeng_lee.relu.partition import dead_network


def beta_of_the_appendix(case: NetworkCase, biases: Sequence[Array], num: Num) -> Any:
    """beta of Appendix E: the largest magnitude times sqrt(||Sigma||_F), which is juxtaposed where the text has a
    maximum."""
    norms = [num.frobenius_norm(W) for W in case.target.weights]
    size = root_of_frobenius(second_moment(case.inputs.points, case.inputs.weights, num), num)
    return largest(magnitudes(norms, [num.norm(b) for b in biases], size, 0, num), num) * size


def inflated(case: NetworkCase, ds: Sequence[SVD], ranks: Sequence[int], appendix: bool, num: Num) -> Steps:
    """The bound with the adapted biases b-hat_j in beta, met by making b-hat_1 large and f zero."""
    x, weights = case.inputs.points, case.inputs.weights
    errors = layer_errors(case, ds, ranks, num)
    wanted = case.target.forward(x, num)
    # rational bounds: sqrt(||Sigma||_F) >= min(tr Sigma / D, 1), and the sum of the bound >= sum_i E_i^{L-bar - i +
    # 1}
    moment = second_moment(x, weights, num)
    size = num.minimum(num.trace(moment) / case.frozen.width, num.number(1)) if appendix else num.number(1)
    terms = [power(e, case.depth - i + 1, num) for i, e in enumerate(errors, 1)]
    least = sum(terms[1:], terms[0]) * size
    none = num.zero(least)
    needed = scalar(num.expectation(num.absolute(wanted).sum(-1), weights))
    large = 2 * needed / num.where(none, num.number(1), least) + 1
    ones = num.constant([1 if case.frozen.depth > 1 else -1] * case.frozen.width)
    f = dead_network(case, num, first=num.times(large, ones))
    value = beta_of_the_appendix if appendix else beta
    bound = value(case, f.biases, num) * amplified(case, errors, num)
    centred = approximation(case, ds, ranks, by_elimination, num, centred=True).network
    error = num.where(
        none,
        mean_norm(centred.forward(x, num) - wanted, weights, num),
        mean_norm(f.forward(x, num) - wanted, weights, num),
    )
    scale = num.maximum(bound, mean_norm(wanted, weights, num))
    yield conclude(at_most(error, bound, scale=scale), "E ||f - f-bar|| <= the bound with the biases of that f")


def theorem_5_appendix(case: NetworkCase, num: Num) -> Steps:
    """Theorem 5, as printed in the appendix: beta holds the adapted biases b-hat_j, and sqrt(||Sigma||_F) as a
    factor.

    The right side depends on the f that is looked for: f = 0 with a large first bias meets it unless it is zero, and
    there (no error left, or x = 0) the centred construction is exact.  The statement holds and says nothing.

    Hypotheses    Assumption 1 as printed
    Construction  no adapters, a large first bias, all outputs switched off by the last one
    """
    ds = decompositions(case, num)
    yield from assumption_1(case, ds, num)
    yield from inflated(case, ds, uniform_ranks(case), True, num)


def theorem_5_appendix_target_biases(case: NetworkCase, num: Num) -> Steps:
    """Theorem 5 with the beta of the appendix, the target's biases b-bar_j in place of b-hat_j.

    The product in place of the maximum makes beta quadratic in the size of the input and of the biases.

    Hypotheses  Assumption 1 as printed
    """
    ds, ranks = decompositions(case, num), uniform_ranks(case)
    yield from assumption_1(case, ds, num)
    bound = beta_of_the_appendix(case, case.biases, num) * amplified(case, layer_errors(case, ds, ranks, num), num)
    yield within(case, ds, ranks, by_equation_8, bound, num)


def theorem_5_appendix_construction(case: NetworkCase, num: Num) -> Steps:
    """Theorem 5 with the beta of the appendix, the adapted biases b-hat_j being those of the proof's construction.

    The right side is then fixed, and cannot be inflated at will.

    Hypotheses    Assumption 1 as printed
    Construction  equation (8) in every block, linearisation, the biases b-bar_i
    """
    ds, ranks = decompositions(case, num), uniform_ranks(case)
    yield from assumption_1(case, ds, num)
    errors = layer_errors(case, ds, ranks, num)
    f = approximation(case, ds, ranks, by_equation_8, num).network
    yield meets(case, f, beta_of_the_appendix(case, f.biases, num) * amplified(case, errors, num), num)



THEOREM_5_APPENDIX = (
    SOURCE_5.stands(
        "zeng-lee/theorem-5:appendix", theorem_5_appendix,
        "hollow: beta holds the adapted biases, so that f = 0 with a large first bias meets the bound; "
        "with b-bar_j, or the b-hat_j of the proof's construction, it falls",
        about={
            **RAISING_IN_BLOCKS,
            UNIFORM: not_needed("Theorem 15 has any partition", "zeng-lee/theorem-15.error-bound:all-layers"),
            SUMS: without_sums("zeng-lee/theorem-15.error-bound:all-layers"),
        },
    ),
    SOURCE_5.misprint(
        "zeng-lee/theorem-5:appendix-construction", theorem_5_appendix_construction,
        "with the b-hat_j of the construction (L = 1: b-bar_1) beta is quadratic in the input, D = 2; D = 1 is "
        "always exact",
        place="Theorem 5, Appendix E.2",
        printed=(
            "beta with ||b-hat_j||_2 and without the sign of the maximum before sqrt(||Sigma||_F); the adapted "
            "biases are those of the proof"
        ),
        repaired_by="zeng-lee/theorem-5:repaired",
    ),
    SOURCE_5.misprint(
        "zeng-lee/theorem-5:appendix-target-biases", theorem_5_appendix_target_biases,
        "obstruction for every adapter and bias: beta is quadratic in the input, D = 2; D = 1 is always exact",
        place="Theorem 5, Appendix E.2", printed="the same beta with b-bar_j for b-hat_j",
        repaired_by="zeng-lee/theorem-5:repaired",
    ),
)  # fmt: skip
