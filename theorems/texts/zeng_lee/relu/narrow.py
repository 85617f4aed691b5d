"""Zeng and Lee, Theorem 5 and its kin: where the printed bounds hold.

With one target layer they hold for all instances just when D <= R_1 + ... + R_L + 1 (`relu_uniform_inputs` has what
falls beyond).  With more, they cannot fail where D <= RM + 1, where the first layers of the target are not small, or
where the layers above the first are exact and the target does not bend.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from theorems.adaptation.error_sizes import amplified, beta, largest
from theorems.case import SVD
from theorems.claim import Claim, Source
from theorems.models.relu import NetworkCase, ReluNetwork
from theorems.num import Num
from theorems.statement import at_most, conclude, exists, suppose
from theorems.texts.zeng_lee.linear.linear_models import Steps, sigma
from theorems.texts.zeng_lee.relu import obstructions
from theorems.texts.zeng_lee.relu.assumptions import assumption_1
from theorems.texts.zeng_lee.relu.construction import (
    approximation,
    bounding_box,
    by_equation_8,
    decompositions,
    mean_square,
    scalar,
    uniform_ranks,
)
from theorems.texts.zeng_lee.relu.deep_obstructions import active_around
from theorems.texts.zeng_lee.relu.error_bounds import SOURCE_5, layer_errors, theorem_5
from theorems.texts.zeng_lee.relu.general_bounds import theorem_15_target_biases
from theorems.texts.zeng_lee.relu.squared_error import squared_error_with_the_total_rank

NARROW = "D <= R_1 + ... + R_L + 1"
LARGE = "D - RM <= (prod_{j<=i} ||W-bar_j||_F)^4 for some i, or <= 1"
EXACT_ABOVE = "rank(E_i) <= RM for i >= 2"
ACTIVE = "the hidden layers of the target are active on X"


def _narrow(case: NetworkCase) -> Steps:
    yield suppose(case.depth == 1, "the target has one layer")
    yield suppose(case.frozen.width <= sum(case.ranks) + 1, NARROW)


def theorem_5_for_one_layer(case: NetworkCase, num: Num) -> Steps:
    """Theorem 5 as printed, for one target layer and D <= RL + 1.

    N = LR_{RL}(E) - E = -e u v^T has rank one, and the centred construction errs by e |v^T (x - E x)|, whose mean
    square is at most e^2 ||Cov x||_2 <= e^2 ||Sigma||_F.

    Hypotheses    Assumption 1 as printed; L-bar = 1; D <= RL + 1
    Construction  equation (8), linearisation, centred bias
    Obstruction   `mean_error`
    """
    yield from _narrow(case)
    yield from theorem_5(case, num)


def theorem_15_for_one_block(case: NetworkCase, num: Num) -> Steps:
    """Theorem 15, error bound with the target's biases, for one block and D <= R_1 + ... + R_L + 1.

    Hypotheses  r = 0 of Assumption 2; L-bar = 1; D <= R_1 + ... + R_L + 1
    """
    yield from _narrow(case)
    yield from theorem_15_target_biases(case, num)


def squared_error_of_narrow_models(case: NetworkCase, num: Num) -> Steps:
    """Lemmas 11 and 12, squared error with ||Sigma||_F and the index R_1 + ... + R_L, for D <= R_1 + ... + R_L + 1.

    Lemma 11's printed index R makes the bound larger still.

    Hypotheses  those of the lemma; D <= R_1 + ... + R_L + 1
    """
    yield from _narrow(case)
    yield from squared_error_with_the_total_rank(case, num)


def theorem_5_with_large_first_layers(case: NetworkCase, num: Num) -> Steps:
    """Theorem 5 as printed, at every depth, where D <= RM + 1 or a product of the first norms is (D - RM)^{1/4} or
    more.

    Block i errs by N_i (z - E z) on the target's activations, and later blocks amplify by ||W-bar_k||_F + E_k at most.
    For i >= 2 the mean is at most E_i sqrt(tr Cov z-bar_{i-1}) <= E_i sqrt(||Sigma||_F) prod_{j<i} ||W-bar_j||_F <= E_i
    beta, as ReLU layers contract variances; for i = 1 at most E_1 times the root of the sum of the D - RM largest
    eigenvalues of Cov x, which is at most E_1 (D - RM)^{1/4} sqrt(||Sigma||_F).

    Hypotheses    Assumption 1 as printed; D - RM <= max(1, max_i prod_{j<=i} ||W-bar_j||_F)^4
    Construction  equation (8) in every block, linearisation, centred biases
    Obstruction   `mean_error`
    """
    products, square = [num.number(1)], num.number(1)
    for W in case.target.weights:
        square = square * num.frobenius_norm_squared(W)
        products.append(square * square)
    most = largest(products, num)
    yield suppose(at_most(num.number(case.frozen.width - case.rank * case.M), most), LARGE)
    yield from theorem_5(case, num)


def theorem_5_with_exact_later_layers(case: NetworkCase, num: Num) -> Steps:
    """Theorem 5 as printed, for L-bar >= 2, where the blocks above the first are exact and no hidden unit of the target
    is ever off.

    With hidden biases large enough f is affine up to its last ReLU, and errs by W-bar_{L-bar} .. W-bar_2 N_1 (x - E
    x), whose mean is at most ||W-bar_{L-bar}||_F prod_{1<k<L-bar} ||W-bar_k||_2 E_1 sqrt(||Sigma||_2).

    Hypotheses    Assumption 1 as printed; L-bar >= 2; rank(E_i) <= RM for i >= 2; the hidden layers of the target are
                  active on X (on cubes about the points of the support)
    Construction  equation (8) in every block for the target with larger hidden biases, which is the same on X
    Obstruction   `mean_error`
    """
    yield suppose(case.depth >= 2, "L-bar >= 2")
    target = case.target
    margin = case.inputs.box + case.inputs.ball
    widest = largest([scalar(margin[..., j]) for j in range(case.frozen.width)], num)
    for k in range(case.inputs.points.shape[-2] if case.depth > 1 else 0):
        hidden = ReluNetwork(target.weights[:-1], target.biases[:-1])
        yield suppose(active_around(hidden, case.inputs.points[..., k, :], widest, num), ACTIVE)
    ds, ranks = decompositions(case, num), uniform_ranks(case)
    for d in ds[1:]:
        yield suppose(num.rank(d.matrix) <= case.rank * case.M, EXACT_ABOVE)
    yield from assumption_1(case, ds, num)
    bound = beta(case, case.biases, num) * amplified(case, layer_errors(case, ds, ranks, num), num)
    x, weights = case.inputs.points, case.inputs.weights
    wanted = target.forward(x, num)

    def attained() -> Any:
        f = approximation(_raised(case, ds, num), ds, ranks, by_equation_8, num, centred=True).network
        return num.sqrt(mean_square(f.forward(x, num) - wanted, weights, num))

    yield conclude(
        exists(
            attained=attained,
            lower_bound=obstructions.mean_error(case, num),
            bound=bound,
            scale=num.maximum(bound, num.sqrt(mean_square(wanted, weights, num))),
        ),
        "E ||f - f-bar||_2 <= the bound",
    )


def _raised(case: NetworkCase, ds: Sequence[SVD], num: Num) -> NetworkCase:
    """The case with hidden biases so large that the units of the centred construction are active on X as well.

    Its target is the same on X where its hidden layers are active there.  Layer 1 is raised by s_1 = 2 sigma_1(E_1)
    ||x||_1 >= |N_1 (x - E x)|, entry by entry, for the largest |x_j| on X, and layer i by |W-bar_i| s_{i-1}.
    """
    low, high = bounding_box(case.inputs, num)
    reach = num.maximum(num.absolute(low), num.absolute(high)).sum(-1)
    lift = num.constant([1] * case.frozen.width)
    lift = num.times(2 * reach * scalar(sigma(ds[0], 1, num)), lift)
    biases = []
    below = None
    for W, b in zip(case.target.weights[:-1], case.biases[:-1], strict=True):
        if below is not None:
            lift = num.apply(num.absolute(W), below)
        biases.append(b + lift if below is None else b + lift - num.apply(W, below))
        below = lift
    biases.append(case.biases[-1] if below is None else case.biases[-1] - num.apply(case.target.weights[-1], below))
    return dataclasses.replace(case, biases=tuple(biases))


_ONE_VALUE = "N has rank one, and ||Sigma||_2 <= ||Sigma||_F: with D >= sum R_l + 2 it falls at every L (:every-depth)"


def _squared(number: int) -> Claim:
    return Source("zeng-lee", f"Lemma {number}", "Appendix E.1").stands(
        f"zeng-lee/lemma-{number}.squared-error:narrow", squared_error_of_narrow_models, _ONE_VALUE,
    )  # fmt: skip


NARROW_MODELS = (
    _squared(11),
    _squared(12),
    SOURCE_5.stands("zeng-lee/theorem-5:one-target-layer", theorem_5_for_one_layer, _ONE_VALUE),
    SOURCE_5.stands(
        "zeng-lee/theorem-5:large-first-layers", theorem_5_with_large_first_layers,
        "D - RM eigenvalues of Cov x sum to (D - RM)^{1/2} ||Sigma||_F at most; open at L-bar >= 2 for smaller "
        "first layers from D = RM + 2 on",
    ),
    SOURCE_5.stands(
        "zeng-lee/theorem-5:exact-later-layers", theorem_5_with_exact_later_layers,
        "the error of the first block passes through fixed matrices, one of them bounded by its Frobenius norm",
    ),
    Source("zeng-lee", "Theorem 15", "Appendix E.3").stands(
        "zeng-lee/theorem-15.error-bound:one-block", theorem_15_for_one_block, _ONE_VALUE,
    ),
)  # fmt: skip
