"""Zeng and Lee, Section 2.2 and Appendices E.2, E.3: exact representation of deep ReLU networks, block by block."""

from __future__ import annotations

from typing import Any

from theorems.case import Array, CountCase
from theorems.claim import Source
from theorems.facts import definition, not_needed, unsettled
from theorems.models.linear import product
from theorems.models.relu import NetworkCase, ReluNetwork, uniform_partition
from theorems.num import Num
from theorems.statement import conclude, equal, less_than, suppose
from theorems.texts.zeng_lee.arguments import RAISING_IN_BLOCKS, without_sums
from theorems.texts.zeng_lee.linear.linear_models import FROZEN, Steps
from theorems.texts.zeng_lee.relu import deep_obstructions as deep
from theorems.texts.zeng_lee.relu import obstructions
from theorems.texts.zeng_lee.relu.assumptions import BLOCKS, SUMS, UNIFORM, assumption_1
from theorems.texts.zeng_lee.relu.construction import (
    approximation,
    bounding_box,
    by_elimination,
    by_equation_8,
    corners,
    decompositions,
    image,
    sup_norm,
    uniform_ranks,
)
from theorems.texts.zeng_lee.relu.linearisation import size_of
from theorems.texts.zeng_lee.relu.one_layer import represents
from theorems.texts.zeng_lee.relu.whole import as_one_block

THRESHOLD = "R M >= rank(E_i) for every i"
#: The corners of X are tried up to that width; above it equality at the support would pass for equality on X.
CORNERS = "D <= 6"
LAYERS = "R_l summed over P_i >= rank(E_i) for every i"


def _threshold(case: NetworkCase, num: Num) -> Steps:
    for d in case.errors:
        yield suppose(num.rank(d.matrix) <= case.rank * case.M, THRESHOLD)


def theorem_3(case: NetworkCase, num: Num) -> Steps:
    """Theorem 3: from R >= max_i rank(E_i) / M on, some adapters of rank R and biases give f = f-bar on X.

    E_i = W-bar_i - prod_{l in P_i^u} W_l, M = floor(L / L-bar).  A last block of more than M layers is adapted in
    its last M layers only, for which Assumption 1 suffices.

    Hypotheses    Assumption 1 as printed; the threshold
    Construction  equation (8) in every block, linearisation, alignment of the biases
    Conclusion    f = f-bar on X
    """
    ds = decompositions(case, num)
    yield from assumption_1(case, ds, num)
    yield from _threshold(case, num)
    yield from represents(case, ds, uniform_ranks(case), by_equation_8, num)


def theorem_3_by_elimination(case: NetworkCase, num: Num) -> Steps:
    """Theorem 3 with prod_{l in P_i} W_l non-singular as the only hypothesis besides the threshold.

    Hypotheses    the uniform partition; every W_l is non-singular; the threshold
    Construction  elimination in every block
    """
    yield suppose(case.partition == uniform_partition(case.frozen.depth, case.depth), UNIFORM)
    for i in range(case.depth):
        yield suppose(num.nonsingular(case.frozen_product(i)), BLOCKS)
    yield from _threshold(case, num)
    yield from represents(case, decompositions(case, num), uniform_ranks(case), by_elimination, num)


def dead_network(case: NetworkCase, num: Num, first: Any = None) -> ReluNetwork:
    """The frozen weights with biases that make the output zero on X; `first` is the first bias of L >= 2 layers."""
    low, high = bounding_box(case.inputs, num)
    biases: list[Array] = []
    for l, W in enumerate(case.frozen.weights, 1):
        bias = first if l == 1 and first is not None else num.zeros(case.frozen.width)
        reached, top = image(W, bias, low, high, num)
        if l == case.frozen.depth:
            bias = bias - num.relu(top)
        biases.append(bias)
        low, high = num.relu(reached), num.relu(top)
    return case.frozen.adapted([W * 0 for W in case.frozen.weights], biases)


def _no_match_below(case: NetworkCase, num: Num) -> Steps:
    yield suppose(case.frozen.width <= obstructions.WIDEST, CORNERS)
    yield suppose(case.partition == uniform_partition(case.frozen.depth, case.depth), UNIFORM)
    for W in case.frozen.weights:
        yield suppose(num.nonsingular(W), FROZEN)
    yield suppose(less_than(num.number(0), obstructions.inner_radius(case, num)), "X has interior")
    yield suppose(case.rank * case.M < _largest_rank(case, num), "R M < rank(E_i) for some i")
    points = corners(case.inputs, num, most=obstructions.WIDEST)
    wanted = case.target.forward(points, num)
    f = approximation(case, decompositions(case, num), case.ranks, by_elimination, num).network
    scale = num.maximum(size_of(f, points, num), num.number(1))
    missed = num.minimum(
        sup_norm(f.forward(points, num) - wanted, num),
        sup_norm(dead_network(case, num).forward(points, num) - wanted, num),
    )
    yield conclude(less_than(num.number(0), missed, scale=scale), "f differs from f-bar somewhere on X")


def minimal(case: NetworkCase, num: Num) -> Steps:
    """Text before Theorem 3: its threshold is the minimal LoRA-rank that guarantees a match.

    Two things break it: a last block with more than M layers has rank to spare, and units of the target that are dead
    on X need none.

    Hypotheses    the uniform partition; non-singular frozen weights; X has interior; R M < rank(E_i) for some i
    Construction  to refute it: all layers of every block adapted, or all outputs switched off
    Conclusion    neither matches the target on X
    """
    yield from _no_match_below(case, num)


def minimal_for_active_targets(case: NetworkCase, num: Num) -> Steps:
    """The threshold is minimal for targets whose units are all active on X.

    A last block of more than M layers still has rank to spare.

    Hypotheses    as before; every unit of the target is active on X (checked at the corners, D <= 6)
    Construction  to refute it: all layers of every block adapted
    """
    yield suppose(case.frozen.width <= obstructions.WIDEST, CORNERS)
    for y in case.target.preactivations(corners(case.inputs, num, most=obstructions.WIDEST), num):
        yield suppose(less_than(num.zeros(case.frozen.width), y), "every unit of the target is active on X")
    yield from _no_match_below(case, num)


def minimal_where_the_depth_divides(case: NetworkCase, num: Num) -> Steps:
    """The threshold is minimal for active, non-singular targets whose depth divides L, so that no block has rank to
    spare.

    What counts is rank(prod W-bar_i - prod W), however large the ranks of the blocks are: one layer may undo what
    another does.

    Hypotheses    the uniform partition; L-bar divides L; every W_l and W-bar_i is non-singular; X has interior; every
                  unit of the target is active on X (checked at the corners, D <= 6); R M < rank(E_i) for some i
    Construction  to refute it: adapters and biases for all layers as one block
    Conclusion    they do not match the target on X
    """
    yield suppose(case.partition == uniform_partition(case.frozen.depth, case.depth), UNIFORM)
    yield suppose(case.frozen.width <= obstructions.WIDEST, CORNERS)
    yield suppose(case.frozen.depth % case.depth == 0, "L-bar divides L")
    for W in (*case.frozen.weights, *case.target.weights):
        yield suppose(num.nonsingular(W), "every W_l and W-bar_i is non-singular")
    yield suppose(less_than(num.number(0), obstructions.inner_radius(case, num)), "X has interior")
    points = corners(case.inputs, num, most=obstructions.WIDEST)
    for y in case.target.preactivations(points, num):
        yield suppose(less_than(num.zeros(case.frozen.width), y), "every unit of the target is active on X")
    yield suppose(case.rank * case.M < _largest_rank(case, num), "R M < rank(E_i) for some i")
    f = as_one_block(case, num)
    missed = sup_norm(f.forward(points, num) - case.target.forward(points, num), num)
    scale = num.maximum(size_of(f, points, num), num.number(1))
    yield conclude(less_than(num.number(0), missed, scale=scale), "f differs from f-bar somewhere on X")


def _largest_rank(case: NetworkCase, num: Num) -> Any:
    ranks = [num.rank(d.matrix) for d in case.errors]
    top = ranks[0]
    for rank in ranks[1:]:
        top = -num.smaller(-top, -rank)
    return top


def minimal_repaired(case: NetworkCase, num: Num) -> Steps:
    """The threshold is necessary for one target layer that is active on a set with interior and non-singular.

    f is piecewise linear; where it equals f-bar on an open set, some piece has W-bar = D_L (W_L + Delta W_L) ... D_1
    (W_1 + Delta W_1) with 0/1 masks D_l.  A non-singular W-bar leaves no mask but I, so that rank(E) <= R_1 + ... +
    R_L.

    Hypotheses  L-bar = 1; X has interior; f-bar is active on X; W-bar is non-singular; R_1 + ... + R_L < rank(E); D
                <= 6
    Conclusion  a floor for all adapters and biases is positive (`active_target`); the construction, its centred form
                and the frozen weights all differ from f-bar at a corner of X
    """
    yield suppose(case.depth == 1, "the target has one layer")
    yield suppose(case.frozen.width <= obstructions.WIDEST, CORNERS)
    yield suppose(less_than(num.number(0), obstructions.inner_radius(case, num)), "X has interior")
    yield suppose(obstructions.always_active(case, num), "the target is active on X")
    yield suppose(num.nonsingular(case.target.weights[0]), "W-bar is non-singular")
    yield suppose(num.nonsingular(case.frozen_product(0)), BLOCKS)
    yield suppose(num.rank(case.errors[0].matrix) > sum(case.ranks), "R_1 + ... + R_L < rank(E)")
    yield conclude(less_than(num.number(0), deep.active_target(case, num)()), "every f differs from f-bar on X")
    ds, points = decompositions(case, num), corners(case.inputs, num, most=obstructions.WIDEST)
    wanted = case.target.forward(points, num)
    for ranks, centred in ((case.ranks, False), (case.ranks, True), ((0,) * case.frozen.depth, False)):
        f = approximation(case, ds, ranks, by_elimination, num, centred=centred).network
        missed = sup_norm(f.forward(points, num) - wanted, num)
        # relative to the change that is left: a small error is no match
        yield conclude(less_than(num.number(0), missed, scale=num.norm(case.errors[0].s)), "f differs from f-bar on X")


def corollary_4(case: NetworkCase, num: Num) -> Steps:
    """Corollary 4: with R >= D / M some adapted f equals f-bar on X, almost surely for random models.

    The exceptional set is that of Assumption 1, null by Lemma 13; off it Theorem 3 applies, since rank(E_i) <= D.

    Hypotheses    Assumption 1 (almost sure); R >= D / M
    Construction  that of Theorem 3
    """
    ds = decompositions(case, num)
    yield from assumption_1(case, ds, num)
    yield suppose(case.rank * case.M >= case.frozen.width, "R >= D / M")
    yield from represents(case, ds, uniform_ranks(case), by_equation_8, num)


def corollary_4_any_target(case: NetworkCase, num: Num) -> Steps:
    """Corollary 4, sharpened: only the frozen model need be random; every target is then represented, almost surely.

    Hypotheses    non-singular frozen weights (almost sure by Lemma 8); R >= D / M
    Construction  elimination
    """
    yield suppose(case.partition == uniform_partition(case.frozen.depth, case.depth), UNIFORM)
    for i in range(case.depth):
        yield suppose(num.nonsingular(case.frozen_product(i)), BLOCKS)
    yield suppose(case.rank * case.M >= case.frozen.width, "R >= D / M")
    yield from represents(case, decompositions(case, num), uniform_ranks(case), by_elimination, num)


def rank_of_random_error(case: CountCase, num: Num) -> Steps:
    """Proof of Corollary 4: W-bar_i - prod_{l in P_i} W_l has rank D almost surely.

    Its determinant is a polynomial in the independent entries; one point where it is not zero settles it for that
    size.
    (The corollary needs only rank <= D.)

    Hypotheses  D >= 1, M >= 1
    Conclusion  at W_l = I and W-bar = 2 I the determinant is 1
    """
    D, M = case.values
    P = product([num.identity(D)] * M)
    yield conclude(equal(num.determinant(2 * num.identity(D) - P), num.number(1)), "det(2 I - I^M) = 1")


# equations (15) and (16)
# ---------------------------------------------------------------------------------------------


def theorem_15_exactness(case: NetworkCase, num: Num) -> Steps:
    """Theorem 15, exactness: where the ranks of every block sum to rank(E_i) at least, some f equals f-bar on X.

    Of Assumption 2, printed or meant, only r = 0 is used: prod_{l in P_i} W_l is non-singular.  Adapters and biases
    for l = 1..L, where 1..L-bar is printed (`relu_index_ranges`).

    Hypotheses    r = 0 of Assumption 2; the sum of R_l over P_i is at least rank(E_i)
    Construction  elimination in every block
    """
    for i in range(case.depth):
        yield suppose(num.nonsingular(case.frozen_product(i)), BLOCKS)
        used = sum(case.ranks[l - 1] for l in case.partition[i])
        yield suppose(num.rank(case.errors[i].matrix) <= used, LAYERS)
    yield from represents(case, decompositions(case, num), case.ranks, by_elimination, num)


_E2, _E3 = "Section 2.2, Appendix E.2", "Appendix E.3"
_THEOREM_1 = Source("zeng-lee", "Theorem 1 (informal)", "Section 1")
_THEOREM_3 = Source("zeng-lee", "Theorem 3", _E2)
_COROLLARY_4 = Source("zeng-lee", "Corollary 4", _E2)
_THEOREM_15 = Source("zeng-lee", "Theorem 15", _E3)


_SHORT = unsettled(
    "not where every block has M layers or more; a shorter one leaves its target layer to others, "
    "and for targets with inactive units neither a construction nor an obstruction is known"
)

THEOREM_1 = (
    _THEOREM_1.stands(
        "zeng-lee/theorem-1", theorem_3,
        "read as Theorem 3: its 'mild conditions' are Assumption 1, L >= L-bar and the threshold",
        about={**RAISING_IN_BLOCKS, UNIFORM: _SHORT, SUMS: without_sums("zeng-lee/theorem-3:without-partial-sums")},
    ),
    _THEOREM_1.gap(
        "zeng-lee/theorem-1:any-frozen", theorem_3,
        "'arbitrary frozen FNN' literally: with W_1 = 0 and R = 1 < D = 2 f is constant along a direction; "
        "at D = 1 rank R = D replaces every layer",
        repaired_by="zeng-lee/theorem-1", skip=(FROZEN, BLOCKS, SUMS),
    ),
)  # fmt: skip

THEOREM_3 = (
    _THEOREM_3.stands(
        "zeng-lee/theorem-3", theorem_3, "the repaired (15) with N_i = 0, block after block",
        about={**RAISING_IN_BLOCKS, UNIFORM: _SHORT, SUMS: without_sums("zeng-lee/theorem-3:without-partial-sums")},
    ),
    _THEOREM_3.stands(
        "zeng-lee/theorem-3:without-partial-sums", theorem_3_by_elimination,
        "elimination needs non-singular frozen weights and nothing else",
        about={UNIFORM: _SHORT},
    ),
    _THEOREM_3.false(
        "zeng-lee/theorem-3.minimal", minimal,
        "units of the target that are dead on X need no rank: D = 2, L = L-bar = 1; D = 1 leaves no rank below "
        "the threshold",
        place="sentence before Theorem 3", printed="max_i rank(E_i) / M is the least rank that guarantees f = f-bar",
        why=(
            "The theorem proves that its rank is enough, not that a smaller one is too small. A unit of the "
            "target that is dead on the whole input space needs no rank at all, and hidden layers may bend the "
            "function to meet it."
        ),
        repaired_by="zeng-lee/theorem-3.minimal:repaired",
    ),
    _THEOREM_3.false(
        "zeng-lee/theorem-3.minimal:active", minimal_for_active_targets,
        "a last block of more than M layers needs less: D = 2, L = 3, L-bar = 2, R = 1, rank(E_2) = 2; "
        "D = 1 leaves no rank below the threshold",
        repaired_by="zeng-lee/theorem-3.minimal:repaired",
    ),
    _THEOREM_3.false(
        "zeng-lee/theorem-3.minimal:depth-divides", minimal_where_the_depth_divides,
        "W = (I, I), W-bar = (2 I, I / 2): block ranks 2, yet no adapter is needed; D = 2 is least, as R M < "
        "rank(E_i) <= D",
        repaired_by="ours/active-targets.only-if",
    ),
    _THEOREM_3.stands(
        "zeng-lee/theorem-3.minimal:repaired", minimal_repaired,
        "a non-singular active layer on a set with interior leaves no hidden unit inactive: rank(E) <= sum R_l; "
        "for L-bar >= 2 the exact threshold of active targets is rank(prod W-bar - prod W) <= sum R_l: "
        "ours/active-targets",
        about={
            "W-bar is non-singular": unsettled(
                "needed by the proof (a dead hidden unit may do for a singular target), not by the three "
                "networks of the claim"
            ),
            BLOCKS: definition("the networks that miss the target are made by elimination, with prod W inverted"),
        },
    ),
)  # fmt: skip


COROLLARY_4 = (
    _COROLLARY_4.stands(
        "zeng-lee/corollary-4", corollary_4,
        "Theorem 3 off the null set of Lemma 13; independent entries need no density",
        about={
            **RAISING_IN_BLOCKS,
            UNIFORM: not_needed(
                "R M >= D suffices in the blocks of the uniform partition, whichever one the sums are taken "
                "over: the weights are non-singular, and elimination asks for no more"
            ),
            SUMS: without_sums("zeng-lee/corollary-4:any-target"),
        },
    ),
    _COROLLARY_4.stands(
        "zeng-lee/corollary-4:any-target", corollary_4_any_target,
        "elimination needs non-singular frozen weights only (Lemma 8)",
        about={
            UNIFORM: not_needed(
                "R M >= D suffices in the blocks of the uniform partition, whose products are non-singular with "
                "all weights"
            ),
        },
    ),
    _COROLLARY_4.decided(
        "zeng-lee/corollary-4.rank", rank_of_random_error,
        "one exact point off the zero set of the determinant, for each D <= 12 and M <= 8",
        largest=16,
    ),
)  # fmt: skip

THEOREM_15 = (
    _THEOREM_15.stands(
        "zeng-lee/theorem-15.exactness", theorem_15_exactness,
        "1..L for 1..L-bar; elimination, which of Assumption 2, printed or meant, needs r = 0 only",
    ),
)  # fmt: skip
