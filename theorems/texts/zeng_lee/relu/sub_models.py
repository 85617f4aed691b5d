"""Zeng and Lee, the proof of Theorem 3: the sub-models, and equations (15) and (16)."""

from __future__ import annotations

from typing import Any

from theorems.adaptation.error_sizes import second_moment
from theorems.claim import Source
from theorems.models.linear import product
from theorems.models.relu import NetworkCase, ReluNetwork
from theorems.num import Num
from theorems.statement import conclude, equal, exists, suppose
from theorems.texts.zeng_lee.arguments import BLOCKWISE, BY_EQUATION_8_IN_BLOCKS, RAISING, without_sums
from theorems.texts.zeng_lee.linear.linear_models import FROZEN, PARTIAL, Steps, truncated
from theorems.texts.zeng_lee.relu import obstructions
from theorems.texts.zeng_lee.relu.assumptions import UNIFORM, assumption_1
from theorems.texts.zeng_lee.relu.construction import (
    approximation,
    by_equation_8,
    corners,
    decompositions,
    mean_square,
    sub_network,
    uniform_ranks,
)
from theorems.texts.zeng_lee.relu.linearisation import size_of, total_rank
from theorems.texts.zeng_lee.relu.one_layer import difference, every_layer, identity_repaired
from theorems.texts.zeng_lee.relu.squared_error import frobenius, squared_error_at_most, squared_error_repaired


def equation_15(case: NetworkCase, num: Num) -> Steps:
    """Equation (15), as printed: f_i(z) - f-bar_i(z) = ReLU((LR_{RL ^ R-tilde_i}(E_i) - E_i) z) for some adapters.

    Stated for the first sub-model, with z in X.  RL is printed where the block has M layers.

    Hypotheses  those of Lemma 11 for the block
    """
    rank = case.rank * case.frozen.depth
    yield from difference(case.only(0), lambda sub: rank, num)


def equation_15_with_the_blocks_rank(case: NetworkCase, num: Num) -> Steps:
    """Equation (15), with the rank RM of a block: f_i(z) - f-bar_i(z) = ReLU((LR_{RM ^ R-tilde_i}(E_i) - E_i) z) for
    some
    adapters.

    Hypotheses  those of Lemma 11 for the block
    """
    yield from difference(case.only(0), total_rank, num)


def equation_15_at_every_depth(case: NetworkCase, num: Num) -> Steps:
    """Equation (15), as printed, for a block of two layers or more, adapted in every layer.

    Hypotheses  those of Lemma 11 for the block; M >= 2
    """
    yield from every_layer(case.only(0))
    yield from equation_15(case, num)


def equation_15_with_the_blocks_rank_at_every_depth(case: NetworkCase, num: Num) -> Steps:
    """Equation (15) with the rank RM, for a block of two layers or more, adapted in every layer.

    Hypotheses  those of Lemma 11 for the block; M >= 2
    """
    yield from every_layer(case.only(0))
    yield from equation_15_with_the_blocks_rank(case, num)


def equation_15_repaired(case: NetworkCase, num: Num) -> Steps:
    """Equation (15), repaired: f_i(z) = ReLU((W-bar_i + N_i) z + b-bar_i), N_i = LR_{RM}(E_i) - E_i, for all z in X.

    Hypotheses  those of Lemma 11 for the block
    """
    yield from identity_repaired(case.only(0), num)


def equation_16(case: NetworkCase, num: Num) -> Steps:
    """Equation (16), as printed: E ||f_i(z) - f-bar_i(z)||^2 <= ||E z z^T||_F sigma_{RL ^ R-tilde_i + 1}(W-bar_i -
    W_L ...
    W_1)^2.

    The index RL and the product of all L layers are printed where the block has M of them.  Stated for the first
    block.

    Hypotheses  those of Lemma 11 for the block
    """
    sub, target = case.only(0), case.target
    (d,) = decompositions(sub, num)
    for W in case.frozen.weights:
        yield suppose(num.nonsingular(W), FROZEN)
    x, weights = case.inputs.points, case.inputs.weights
    wanted = sub.target.forward(x, num)
    k = num.smaller(case.rank * case.frozen.depth, num.rank(d.matrix)) + 1
    s = num.singular_value(target.weights[0] - product(case.frozen.weights), k)
    bound = num.frobenius_norm(second_moment(x, weights, num)) * (s * s)

    def attained() -> Any:
        f = approximation(sub, [d], sub.ranks, by_equation_8, num).network
        return mean_square(f.forward(x, num) - wanted, weights, num)

    yield conclude(
        exists(
            attained=attained,
            lower_bound=obstructions.squared_error(sub, num),
            bound=bound,
            scale=num.maximum(bound, mean_square(wanted, weights, num)),
        ),
        "E ||f_1(z) - f-bar_1(z)||^2 <= the bound",
    )


def equation_16_of_the_block(case: NetworkCase, num: Num) -> Steps:
    """Equation (16) with RM and the product over P_i: ||E z z^T||_F sigma_{RM ^ R-tilde_i + 1}(E_i)^2.

    Hypotheses  those of Lemma 11 for the block
    """
    yield from squared_error_at_most(case.only(0), total_rank, frobenius, num)


def equation_16_repaired(case: NetworkCase, num: Num) -> Steps:
    """Equation (16), repaired: E ||f_i(z) - f-bar_i(z)||^2 <= tr(E z z^T) sigma_{RM + 1}(E_i)^2.

    Hypotheses  those of Lemma 11 for the block
    """
    yield from squared_error_repaired(case.only(0), num)


def sub_models(case: NetworkCase, num: Num) -> Steps:
    """Proof of Theorem 3, as meant: with the chosen parameters every sub-model is the one-layer
    ReLU((W-bar_i + N_i) z + b-bar_i), with N_i = LR_{RM}(E_i) - E_i.

    Hypotheses  Assumption 1 as printed
    Conclusion  at the activations that reach the block, f_i is that layer
    """
    ds = decompositions(case, num)
    yield from assumption_1(case, ds, num)
    made = approximation(case, ds, uniform_ranks(case), by_equation_8, num)
    z = corners(case.inputs, num)
    for i in range(case.depth):
        block = sub_network(case, made.network, i)
        reached = block.forward(z, num)
        single = ReluNetwork((case.target.weights[i] + made.residuals[i],), (case.biases[i],))
        gap = reached - single.forward(z, num)
        scale = size_of(block, z, num)
        yield conclude(
            equal(gap, num.zeros(case.frozen.width), scale=scale), "f_i(z) = ReLU((W-bar_i + N_i) z + b-bar_i)"
        )
        z = reached


def sub_models_as_printed(case: NetworkCase, num: Num) -> Steps:
    """Proof of Theorem 3, as printed: f_i(z) = ReLU((LR_{RL ^ R-tilde_i}(E_i) + prod_{l in P_i} W_l) z) with the chosen
    parameters.

    The bias is left out, and RL is printed where a block has the rank RM.  Stated for the first sub-model.

    Hypotheses  Assumption 1 as printed
    """
    ds = decompositions(case, num)
    yield from assumption_1(case, ds, num)
    made = approximation(case, ds, uniform_ranks(case), by_equation_8, num)
    z, block = case.inputs.points, sub_network(case, made.network, 0)
    kept = truncated(ds[0], case.rank * case.frozen.depth)
    single = ReluNetwork((case.frozen_product(0) + kept,), (case.biases[0] * 0,))
    gap = block.forward(z, num) - single.forward(z, num)
    yield conclude(
        equal(gap, num.zeros(case.frozen.width), scale=size_of(block, z, num)),
        "f_1(z) = ReLU((LR_{RL ^ R_1}(E_1) + prod W_l) z)",
    )


_BLOCK = "the block is one layer: the obstruction of Lemma 11 holds for every adapter and bias (M >= 2: :every-depth)"
_LEAST = "D = 2; D = 1 is always exact"


_E2 = "Appendix E.2, proof of Theorem 3"
_15, _16 = Source("zeng-lee", "equation (15)", _E2), Source("zeng-lee", "equation (16)", _E2)

EQUATIONS_15_16 = (
    Source("zeng-lee", "Theorem 3", _E2).misprint(
        "zeng-lee/theorem-3.sub-models:printed-letter", sub_models_as_printed,
        "a bias of the target is lost: D = 1, one layer",
        place="proof of Theorem 3, line after (16)",
        printed="f_i(z) = ReLU((LR_{RL ^ R-tilde_i}(E_i) + prod W_l) z), without the bias",
        repaired_by="zeng-lee/theorem-3.sub-models",
    ),
    Source("zeng-lee", "Theorem 3", _E2).stands(
        "zeng-lee/theorem-3.sub-models", sub_models,
        "linearisation block by block, with the bias that the text leaves out",
        about={**BY_EQUATION_8_IN_BLOCKS, UNIFORM: BLOCKWISE},
    ),
    _15.misprint(
        "zeng-lee/equation-15:printed-letter", equation_15, f"{_BLOCK}, {_LEAST}",
        place="equation (15)", printed="LR_{RL ^ R-tilde_i}; (19) and the chain for B_i have RM",
        repaired_by="zeng-lee/equation-15:repaired",
    ),
    _15.false(
        "zeng-lee/equation-15", equation_15_with_the_blocks_rank, f"RM for RL does not help. {_BLOCK}, {_LEAST}",
        place="equation (15), with RM", printed="f_i(z) - f-bar_i(z) = ReLU((LR_{RM ^ R-tilde_i}(E_i) - E_i) z)",
        repaired_by="zeng-lee/equation-15:repaired",
    ),
    _15.misprint(
        "zeng-lee/equation-15:printed-letter-every-depth", equation_15_at_every_depth,
        "M >= 2: the right side has two non-singular slopes, any f has one where no unit is off; D = 3, R = 1, "
        "L = L_i = 2, since rank(E) > RL is needed",
        repaired_by="zeng-lee/equation-15:repaired",
    ),
    _15.false(
        "zeng-lee/equation-15:every-depth", equation_15_with_the_blocks_rank_at_every_depth,
        "M >= 2: the right side has two non-singular slopes, any f has one where no unit is off; D = 3, R = 1, "
        "M = 2, since rank(E) > RM is needed",
        repaired_by="zeng-lee/equation-15:repaired",
    ),
    _15.stands(
        "zeng-lee/equation-15:repaired", equation_15_repaired, "Lemma 11, repaired, for the block",
        about={**RAISING, PARTIAL: without_sums()},
    ),
    _16.misprint(
        "zeng-lee/equation-16:printed-letter", equation_16,
        f"at D = 2 = L = L-bar, R = 1 the printed sigma_3 is 0; R = D = 1 is always exact. {_BLOCK}",
        place="equation (16)", printed="sigma^2_{RL ^ R-tilde_i + 1}(W-bar_i - prod_{l=1}^L W_l)",
        repaired_by="zeng-lee/equation-16:repaired",
    ),
    _16.false(
        "zeng-lee/equation-16", equation_16_of_the_block,
        f"||E z z^T||_F for the trace, D = 3 as in Lemma 11. {_BLOCK}",
        place="equation (16), with RM and P_i^u",
        printed="E ||f_i(z) - f-bar_i(z)||_2^2 <= ||E z z^T||_F sigma^2_{RM ^ R-tilde_i + 1}(E_i)",
        repaired_by="zeng-lee/equation-16:repaired",
    ),
    _16.stands(
        "zeng-lee/equation-16:repaired", equation_16_repaired, "Lemma 11, repaired, for the block",
        about={**RAISING, PARTIAL: without_sums()},
    ),
)  # fmt: skip
