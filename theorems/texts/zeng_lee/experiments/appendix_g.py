"""Zeng and Lee, Appendix G: what can be decided of its sentences.

The inputs are standard normal, so that the expected squared error of a linear model with product Q is
E ||(Q - T) x||^2 = ||Q - T||_F^2.  What was measured stands in `appendix_g_measured`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from theorems.adaptation.error_sizes import smallest
from theorems.adaptation.linear import suffixes
from theorems.case import Array, CountCase
from theorems.claim import Source
from theorems.models.linear import LinearCase, LinearModel
from theorems.models.relu import NetworkCase, ReluNetwork, uniform_partition
from theorems.models.transformer import TransformerCase
from theorems.num import Num
from theorems.statement import at_most, conclude, equal, exists, less_than, suppose
from theorems.texts.zeng_lee.experiments.curves import DescentCase
from theorems.texts.zeng_lee.linear.linear_models import (
    OPTIMAL,
    WHOLE,
    Steps,
    competing,
    eliminated,
    hypotheses,
    obstructions,
    sigma,
)
from theorems.texts.zeng_lee.relu.construction import (
    approximation,
    by_elimination,
    by_equation_8,
    decompositions,
    entries,
    mean_square,
)
from theorems.texts.zeng_lee.transformer.corollaries import corollary

ENOUGH = "R L >= D"
DESCENT = "the step lowers the error"
RESCALED = "the target is the frozen model with its hidden units rescaled by positive factors"
ACTIVE = "all units of both networks are active on the support"
PRODUCT = "the truncated layers do not have the target's product"
SHORT = "the uniform partition falls short: rank(Wbar_i - prod_{P^u_i} W_l) > R M for some i"
OTHER = "R |P_i| >= rank(Wbar_i - prod_{P_i} W_l) for every i"


# G.1 ----------------------------------------------------------------------------------------------------------------


def initialisation(case: CountCase, num: Num) -> Steps:
    """G.1, the models: Xavier uniform is PyTorch's default initialisation of a linear layer, D inputs and D outputs.

    Xavier's law is uniform in +-sqrt(6 / (D + D)).  PyTorch documents +-1 / sqrt(D) for weights and biases of a linear
    layer.  Compared by the squares of the bounds.
    """
    (D,) = case.values
    yield conclude(equal(num.number(6, 2 * D), num.number(1, D)), "6 / (D + D) = 1 / D")


def initialisation_by_sqrt_3(case: CountCase, num: Num) -> Steps:
    """G.1, the models, repaired: Xavier's bound is sqrt(3) times the default one, so that variances are three times."""
    (D,) = case.values
    yield conclude(equal(num.number(6, 2 * D), 3 * num.number(1, D)), "6 / (D + D) = 3 / D")


def linear_threshold(case: LinearCase, num: Num) -> Steps:
    """G.1, results: the error is zero for R >= D / (L / L-bar), which is 8 for D = 16, L = 2, L-bar = 1.

    rank(E) <= D <= R L, so that Lemma 9 is exact.  (Where L does not divide D the least such R is ceil(D / L).)

    Hypotheses    prod W is non-singular; R L >= D
    Construction  elimination
    Conclusion    some adapters have the expected squared error 0
    """
    E = case.target - case.frozen.matrix
    d = num.svd(E)
    yield suppose(sum(case.ranks) >= case.frozen.width, ENOUGH)
    yield suppose(num.nonsingular(case.frozen.matrix), WHOLE)
    yield conclude(
        exists(
            attained=lambda: num.frobenius_norm(eliminated(case.frozen, d, case.ranks, num) - case.target),
            lower_bound=obstructions(case.frozen, case.target, d, case.ranks, num),
            bound=num.number(0),
            scale=num.frobenius_norm(case.target),
        ),
        "some adapters have no error",
    )


def _least(case: LinearCase, num: Num) -> Any:
    """sum of sigma_i(E)^2 over i > R_1 + ... + R_L."""
    d = num.svd(case.target - case.frozen.matrix)
    total = num.number(0)
    for k in range(sum(case.ranks), d.s.shape[-1]):
        value = sigma(d, k + 1, num)
        total = total + value * value
    return total


def _lost(case: LinearCase, num: Num) -> Callable[[], Any]:
    """A function: a lower bound on the squared error of all adapters where singular weights keep the product singular.

    The product has rank at most m = min (rank W_l + R_l).  For m < D the error is at least sigma_D(T)^2, which is
    det(T)^2 / ||T||_F^{2 (D - 1)} at least.
    """

    def bound() -> Any:
        m = num.rank(case.frozen.weights[0]) + case.ranks[0]
        for W, R in zip(case.frozen.weights[1:], case.ranks[1:], strict=True):
            m = num.smaller(m, num.rank(W) + R)
        D, size, det = case.frozen.width, num.frobenius_norm_squared(case.target), num.determinant(case.target)
        lower = det * det
        for _ in range(D - 1):
            lower = lower / num.where(num.zero(size), num.number(1), size)
        return num.where(m < D, lower, num.number(0))

    return bound


def least_expected_error(case: LinearCase, num: Num) -> Steps:
    """G.1, results: the construction's curve is the best there is: its expected squared error is the least.

    It is sum_{i > RL} sigma_i(E)^2: products of adapted layers differ from prod W by a matrix of rank R L at most, and
    by Eckart and Young none is closer to E in the Frobenius norm.

    Hypotheses    prod W is non-singular
    Construction  elimination
    Conclusion    some adapters have that error, and the competing ones have no smaller one
    Obstruction   sigma_{RL+1}^2, the least spectral error squared, and the rank of the product (`_lost`)
    """
    E = case.target - case.frozen.matrix
    d = num.svd(E)
    yield suppose(num.nonsingular(case.frozen.matrix), WHOLE)
    spectral = sigma(d, sum(case.ranks) + 1, num)
    least, size = _least(case, num), num.frobenius_norm_squared(E)
    yield conclude(
        exists(
            attained=lambda: num.frobenius_norm_squared(
                eliminated(case.frozen, d, case.ranks, num) - case.target
            ),
            lower_bound=(spectral * spectral, _lost(case, num)),
            bound=least,
            scale=num.maximum(size, num.frobenius_norm_squared(case.target)),
        ),
        "some adapters have the error sum_{i > RL} sigma_i^2",
    )
    error = num.frobenius_norm_squared(competing(case) - case.target)
    yield conclude(at_most(least, error, scale=num.maximum(size, error)), "no adapters have a smaller error")


def optimality_of_lemma_9(case: LinearCase, num: Num) -> Steps:
    """G.1, results: the curves confirm the optimality that Lemma 9 claims, which is in the spectral norm.

    Read as: adapters that are optimal in the sense of Lemma 9 have the least mean squared error, so that a curve of
    least errors is theirs.  The kept singular values of such adapters may be off by sigma_{RL+1} each.

    Hypotheses  those of Lemma 9; the competing adapters attain the least spectral error
    Conclusion  their expected squared error is sum_{i > RL} sigma_i(E)^2
    """
    E = case.target - case.frozen.matrix
    d = num.svd(E)
    yield from hypotheses(case.frozen, d, case.ranks, num)
    gap = competing(case) - case.target
    yield suppose(
        equal(num.spectral_norm(gap), sigma(d, sum(case.ranks) + 1, num), scale=sigma(d, 1, num)), OPTIMAL
    )
    yield conclude(
        at_most(num.frobenius_norm_squared(gap), _least(case, num), scale=num.frobenius_norm_squared(E)),
        "their expected error is the least",
    )


def _stepped(frozen: LinearModel, E: Array, step: Any, num: Num) -> LinearModel:
    """One step of gradient descent on ||W_L ... W_1 - T||_F^2 in all weights, E = T - W_L ... W_1."""
    above, below = suffixes(frozen.weights), _prefixes(frozen.weights)
    moved = []
    for W, S, P in zip(frozen.weights, above, below, strict=True):
        G = E if S is None else S.mT @ E
        G = G if P is None else G @ P.mT
        moved.append(W + num.times(2 * step, G))
    return LinearModel(tuple(moved))


def _prefixes(weights: Sequence[Array]) -> list[Array | None]:
    below: list[Array | None] = [None]
    for W in weights[:-1]:
        last = below[-1]
        below.append(W if last is None else W @ last)
    return below


def pretraining_never_raises_the_rank(case: DescentCase, num: Num) -> Steps:
    """G.1, results: pretraining reduces the rank that is needed, read of the exact rank and of every descent.

    The rank needed for no error at all is ceil(rank(E) / L) before and after (Lemma 9).  One step of gradient descent
    on all weights that lowers the error mixes W_2 W_2^T E and E W_1^T W_1 into E: its rank goes up as a rule, and
    down only by chance.

    Hypotheses  all weights are non-singular before and after; the step lowers ||E||_F
    Conclusion  ceil(rank(E') / L) <= ceil(rank(E) / L)
    """
    E = case.target - case.frozen.matrix
    after = _stepped(case.frozen, E, case.step[..., 0], num)
    left = case.target - after.matrix
    for model in (case.frozen, after):
        yield suppose(num.nonsingular(model.matrix), WHOLE)
    yield suppose(less_than(num.frobenius_norm_squared(left), num.frobenius_norm_squared(E)), DESCENT)
    L = case.frozen.depth
    one, other = (-(-num.rank(matrix) // L) for matrix in (E, left))
    yield conclude(other <= one, "ceil(rank(E') / L) <= ceil(rank(E) / L)")


def error_left_at_a_rank(case: LinearCase, num: Num) -> Steps:
    """G.1, results, what pretraining does promise: at rank R no more than (1 - RL / D) of the error that it leaves.

    The D - RL smallest of the sigma_i(E)^2 are together at most that share of all.  So with 2/3 of the error left, the
    bound at every rank is 2/3 of what it was.

    Hypotheses    prod W is non-singular, W the trained weights
    Construction  elimination
    Conclusion    some adapters have an expected squared error of at most (1 - RL / D) ||E||_F^2
    Obstruction   sum_{i > RL} sigma_i(E)^2, and the rank of the product (`_lost`)
    """
    E = case.target - case.frozen.matrix
    d = num.svd(E)
    yield suppose(num.nonsingular(case.frozen.matrix), WHOLE)
    D = case.frozen.width
    size = num.frobenius_norm_squared(E)
    yield conclude(
        exists(
            attained=lambda: num.frobenius_norm_squared(
                eliminated(case.frozen, d, case.ranks, num) - case.target
            ),
            lower_bound=(_least(case, num), _lost(case, num)),
            bound=num.number(max(D - sum(case.ranks), 0), D) * size,
            scale=num.maximum(size, num.frobenius_norm_squared(case.target)),
        ),
        "some adapters leave (1 - RL / D) of the error at most",
    )


# G.2 ----------------------------------------------------------------------------------------------------------------


def matching_costs(case: NetworkCase, num: Num) -> Steps:
    """G.2, the conjecture: matching the target's intermediate outputs can make the construction suboptimal, L-bar = 2.

    A ReLU network is unchanged when a hidden unit is multiplied by s > 0 and its outgoing weights by 1 / s.  Let the
    target be the frozen model, rescaled so: then no adapters are needed, only biases.  The construction matches the
    hidden layer itself, and where R < rank(E_i) it truncates both differences; on a support where all units are
    active its network is affine with the product of the truncated layers, which is another one.

    Hypotheses  L = L-bar = 2; the target is the frozen model with its hidden units rescaled by positive factors; all
                units of both networks are active on the support, which has a centre and steps in D directions; the
                product of the truncated layers is not the target's
    Conclusion  the frozen model with other biases is the target on the support; the construction is not
    """
    yield suppose(case.frozen.depth == case.depth == 2, "L = L-bar = 2")
    target, (W, V) = case.target, case.frozen.weights
    ratio = num.solve(W.mT, target.weights[0].mT).mT
    D = case.frozen.width
    factors = num.concatenate([ratio[..., i, i : i + 1] for i in range(D)], -1)
    size = num.frobenius_norm(ratio)
    yield suppose(equal(ratio, num.diagonal(factors), scale=size), RESCALED)
    yield suppose(less_than(num.number(0), smallest(entries(factors[..., None, :]), num)), RESCALED)
    yield suppose(equal(target.weights[1] @ num.diagonal(factors), V, scale=num.frobenius_norm(V)), RESCALED)
    x, weights = case.inputs.points, case.inputs.weights
    made = approximation(case, decompositions(case, num), case.ranks, by_equation_8, num)
    steps = x[..., 1 : D + 1, :] - x[..., :1, :]
    yield suppose(num.nonsingular(steps), "the support has a centre and steps in D directions")
    yield suppose(less_than(num.number(0), smallest(entries(weights[..., None, :]), num)), "every point has weight")
    for network in (target, made.network):
        for y in network.preactivations(x, num):
            yield suppose(less_than(num.number(0), smallest(entries(y), num)), ACTIVE)
    first, second = (wanted + N for wanted, N in zip(target.weights, made.residuals, strict=True))
    goal = target.weights[1] @ target.weights[0]
    away = num.frobenius_norm_squared(second @ first - goal)
    yield suppose(less_than(num.number(0), away, scale=num.frobenius_norm_squared(goal)), PRODUCT)
    wanted = target.forward(x, num)
    inverse = num.solve(num.diagonal(factors), target.biases[0][..., :, None])[..., 0]
    plain = ReluNetwork(case.frozen.weights, (inverse, target.biases[1]))
    scale = mean_square(wanted, weights, num)
    yield conclude(
        at_most(mean_square(plain.forward(x, num) - wanted, weights, num), num.number(0), scale=scale),
        "no adapters are needed",
    )
    error = mean_square(made.network.forward(x, num) - wanted, weights, num)
    yield conclude(less_than(num.number(0), error, scale=scale), "the construction has an error")


def another_partition(case: NetworkCase, num: Num) -> Steps:
    """G.2, the second conjecture: the uniform partition can be the reason for the construction's error.

    Another partition may meet its rank threshold where the uniform one does not; the construction along it is then
    exact, with the same adapters' rank.  (Four layers against two, as in the figure.)

    Hypotheses    every prod_{P_i} W_l is non-singular; R |P_i| >= rank(Wbar_i - prod_{P_i} W_l) for every i; the
                  uniform partition falls short
    Construction  elimination in every block of the partition of the case, linearisation
    Conclusion    the adapted network is the target on the support
    """
    target, M = case.target, case.M
    for i, block in enumerate(case.partition):
        yield suppose(num.nonsingular(case.frozen_product(i)), "every prod_{P_i} W_l is non-singular")
        gap = target.weights[i] - case.frozen_product(i)
        yield suppose(num.rank(gap) <= case.rank * len(block), OTHER)
    short: Any = False
    for W, block in zip(target.weights, uniform_partition(case.frozen.depth, case.depth), strict=True):
        made = LinearModel(tuple(case.frozen.weights[l - 1] for l in block)).matrix
        short = (num.rank(W - made) > case.rank * M) | short
    yield suppose(short, SHORT)
    x, weights = case.inputs.points, case.inputs.weights
    wanted = target.forward(x, num)

    def attained() -> Any:
        network = approximation(case, decompositions(case, num), case.ranks, by_elimination, num).network
        return mean_square(network.forward(x, num) - wanted, weights, num)

    yield conclude(
        exists(attained=attained, lower_bound=num.number(0), bound=num.number(0),
               scale=mean_square(wanted, weights, num)),
        "the construction along the other partition is exact",
    )  # fmt: skip


# G.3 ----------------------------------------------------------------------------------------------------------------


def transformer_threshold(case: TransformerCase, num: Num) -> Steps:
    """G.3, results: the error must be eradicated when the rank reaches ceil(D / 2), 8 for D = 16.

    Theorem 6 with G_i <= D; see Corollary 20.

    Hypotheses    all weights of both models are non-singular; R >= ceil(D / 2)
    Construction  elimination
    Conclusion    the adapted network has the target's signature
    """
    yield from corollary(case, num)


_1, _2, _3 = (
    Source("zeng-lee", label, "Appendix G") for label in ("Appendix G.1", "Appendix G.2", "Appendix G.3")
)

APPENDIX_G_1 = (
    _1.false(
        "zeng-lee/appendix-g.1.initialisation", initialisation,
        "PyTorch's linear layers start uniform in +-1 / sqrt(D); Xavier uniform has three times the variance",
        place="G.1, Model", printed="Xavier uniform = PyTorch's default",
        repaired_by="zeng-lee/appendix-g.1.initialisation:repaired",
    ),
    _1.stands("zeng-lee/appendix-g.1.initialisation:repaired", initialisation_by_sqrt_3, "6 / (2 D) = 3 / D"),
    _1.stands(
        "zeng-lee/appendix-g.1.threshold", linear_threshold,
        "rank(E) <= D <= R L; in the figure's data the construction's error is below 1e-23 from R = 8 on",
    ),
    _1.stands(
        "zeng-lee/appendix-g.1.optimality", least_expected_error,
        "Eckart and Young in the Frobenius norm: sum_{i > RL} sigma_i^2 is the least, and attained",
    ),
    _1.gap(
        "zeng-lee/appendix-g.1.optimality:spectral", optimality_of_lemma_9,
        "Lemma 9 is about the spectral norm, whose minimisers need not have the least mean squared error",
        place="G.1, last sentence",
        printed="confirming the optimality claimed in Lemma 9; the figures show the Frobenius norm",
        repaired_by="zeng-lee/appendix-g.1.optimality",
    ),
    _1.false(
        "zeng-lee/appendix-g.1.pretraining:every-descent", pretraining_never_raises_the_rank,
        "a step that lowers the error raises rank(E) as a rule; D = 3, L = 2 and rank 2 is the least case",
        repaired_by="zeng-lee/appendix-g.1.pretraining:error-left",
    ),
    _1.stands(
        "zeng-lee/appendix-g.1.pretraining:error-left", error_left_at_a_rank,
        "the D - RL smallest squares are at most their share of all",
    ),
)  # fmt: skip

APPENDIX_G_2 = (
    _2.stands(
        "zeng-lee/appendix-g.2.conjecture.intermediate", matching_costs,
        "rescaled hidden units need no adapters, and the construction errs there: S = diag(2, 1/2), R = 1",
    ),
    _2.stands(
        "zeng-lee/appendix-g.2.conjecture.partition", another_partition,
        "P = {1}, {2, 3, 4} is exact at R = 1, D = 3, where {1, 2}, {3, 4} needs R = 2",
    ),
)  # fmt: skip

APPENDIX_G_3 = (
    _3.stands(
        "zeng-lee/appendix-g.3.threshold", transformer_threshold,
        "every G_i is at most D, and the weights drawn are almost surely non-singular (Corollary 20)",
    ),
)  # fmt: skip
