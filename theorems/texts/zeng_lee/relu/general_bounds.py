"""Zeng and Lee, Theorem 15: the error bound for a general partition and a rank for each layer."""

from __future__ import annotations

from theorems.adaptation.error_sizes import amplified, beta, root_of_trace
from theorems.claim import Source
from theorems.models.relu import NetworkCase
from theorems.num import Num
from theorems.statement import suppose
from theorems.texts.zeng_lee.arguments import CONSTANT
from theorems.texts.zeng_lee.linear.linear_models import Steps
from theorems.texts.zeng_lee.relu.appendix_bounds import inflated
from theorems.texts.zeng_lee.relu.assumptions import BLOCKS
from theorems.texts.zeng_lee.relu.construction import approximation, by_elimination, decompositions
from theorems.texts.zeng_lee.relu.error_bounds import ACTIVE, layer_errors, meets, sharp_bound, within


def _blocks(case: NetworkCase, num: Num) -> Steps:
    for i in range(case.depth):
        yield suppose(num.nonsingular(case.frozen_product(i)), BLOCKS)


def theorem_15_with_adapted_biases(case: NetworkCase, num: Num) -> Steps:
    """Theorem 15, error bound, adapters and biases for l = 1..L: beta of the main text with the adapted biases b-hat_j.

    As for the appendix's Theorem 5 the right side can be inflated by the f that is looked for.  What is not hollow:
    the bound with the target's biases, and with those of a fixed construction.

    Hypotheses  r = 0 of Assumption 2
    """
    yield from _blocks(case, num)
    yield from inflated(case, decompositions(case, num), case.ranks, False, num)


def theorem_15_target_biases(case: NetworkCase, num: Num) -> Steps:
    """Theorem 15, error bound, with the target's biases b-bar_j: the beta of the main text's Theorem 5.

    Hypotheses  r = 0 of Assumption 2
    """
    yield from _blocks(case, num)
    ds = decompositions(case, num)
    bound = beta(case, case.biases, num) * amplified(case, layer_errors(case, ds, case.ranks, num), num)
    yield within(case, ds, case.ranks, by_elimination, bound, num)


def theorem_15_deeper(case: NetworkCase, num: Num) -> Steps:
    """Theorem 15, error bound, with the target's biases, for frozen models of two layers or more.

    Refuted by an obstruction of its own (`diagonal_chain`): ranks (0, ..., 0, R) and diagonal layers.

    Hypotheses  r = 0 of Assumption 2; L >= 2
    """
    yield suppose(case.frozen.depth >= 2, "L >= 2")
    yield from theorem_15_target_biases(case, num)


def theorem_15_construction(case: NetworkCase, num: Num) -> Steps:
    """Theorem 15, error bound, with the adapted biases b-hat_j of the construction in beta.

    The right side is then fixed, and cannot be inflated at will.

    Hypotheses    r = 0 of Assumption 2
    Construction  elimination in every block, linearisation, the biases b-bar_i
    """
    yield from _blocks(case, num)
    ds = decompositions(case, num)
    errors = layer_errors(case, ds, case.ranks, num)
    f = approximation(case, ds, case.ranks, by_elimination, num).network
    yield meets(case, f, beta(case, f.biases, num) * amplified(case, errors, num), num)


def theorem_15_repaired(case: NetworkCase, num: Num) -> Steps:
    """Theorem 15, error bound, repaired: b-bar_j for b-hat_j, and sqrt(tr Sigma) for the last sqrt(||Sigma||_F) in
    beta.

    Hypotheses    r = 0 of Assumption 2
    Construction  elimination in every block, linearisation, centred biases
    """
    yield from _blocks(case, num)
    ds = decompositions(case, num)
    size = beta(case, case.biases, num, floor=root_of_trace)
    errors = layer_errors(case, ds, case.ranks, num)
    yield within(case, ds, case.ranks, by_elimination, size * amplified(case, errors, num), num)


def theorem_15_sharpened(case: NetworkCase, num: Num) -> Steps:
    """Theorem 15, error bound, sharpened as Theorem 5 is, with the rank of every layer used.

    Hypotheses    r = 0 of Assumption 2
    """
    yield from _blocks(case, num)
    ds = decompositions(case, num)
    yield within(case, ds, case.ranks, by_elimination, sharp_bound(case, ds, case.ranks, by_elimination, num), num)


_15 = Source("zeng-lee", "Theorem 15", "Appendix E.3")


THEOREM_15_BOUND = (
    _15.stands(
        "zeng-lee/theorem-15.error-bound:all-layers", theorem_15_with_adapted_biases,
        "hollow: beta holds the adapted biases, so that f = 0 with a large first bias meets the bound; "
        "with b-bar_j, or the b-hat_j of a fixed construction, it falls",
        about={BLOCKS: CONSTANT},
    ),
    _15.misprint(
        "zeng-lee/theorem-15.error-bound:construction", theorem_15_construction,
        "with the b-hat_j of the construction (L = L-bar: b-bar_j): D = 1, L-bar = 3, R_l = 0, where beta "
        "ends a product early (as beta-chain)",
        place="Theorem 15, second paragraph", printed="||b-hat_j||_2 in beta, those of the construction",
        repaired_by="zeng-lee/theorem-15.error-bound:repaired",
    ),
    _15.false(
        "zeng-lee/theorem-15.error-bound:deeper", theorem_15_deeper,
        "depth does not help: L = 2, L-bar = 1, diagonal layers, ranks (0, R), an obstruction for every bias; "
        "D = 2, R = 0 (D = 4 with R = 1 and isotropic inputs); at D = 1 centred biases meet the bound",
        repaired_by="zeng-lee/theorem-15.error-bound:repaired",
    ),
    _15.false(
        "zeng-lee/theorem-15.error-bound", theorem_15_target_biases,
        f"{ACTIVE}; D = 2, R_1 = 0 (D = 3 with R_1 = 1); at D = 1 centred biases meet the bound",
        place="Theorem 15, second paragraph",
        printed=(
            "E ||f(x) - f-bar(x)||_2 <= beta sum_i max_k (||W-bar_k||_F + E_k)^{L-bar-i} E_i, E_i = "
            "sigma_{sum_{l in P_i} R_l + 1}(E_i), b-bar_j in beta as in Theorem 5"
        ),
        why=(
            "It falls for the reason Theorem 5 does. There sqrt(||Sigma||_F) stands where only sqrt(tr Sigma) bounds "
            "the mean norm of the input."
        ),
        repaired_by="zeng-lee/theorem-15.error-bound:repaired",
    ),
    _15.stands(
        "zeng-lee/theorem-15.error-bound:repaired", theorem_15_repaired,
        "sqrt(tr Sigma) as the floor of beta, by the construction with centred biases",
        about={BLOCKS: CONSTANT},
    ),
    _15.stands(
        "zeng-lee/theorem-15.error-bound:sharpened", theorem_15_sharpened,
        "covariances of the target's activations, spectral norms, and the mean square error",
        about={BLOCKS: CONSTANT},
    ),
)  # fmt: skip
