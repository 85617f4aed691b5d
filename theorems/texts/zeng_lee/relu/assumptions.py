"""Zeng and Lee, Appendix E.2: Example 1, the uniform partition, Assumption 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from theorems.case import SVD, CountCase
from theorems.claim import Source
from theorems.facts import definition, not_needed
from theorems.models.relu import NetworkCase, PartialSumCase, uniform_partition
from theorems.num import Num
from theorems.statement import at_most, conclude, equal, holds, less_than, suppose
from theorems.texts.zeng_lee.linear.linear_models import FROZEN, Steps, sigma, truncated
from theorems.texts.zeng_lee.relu.construction import decompositions, scalar, sub_network, sup_norm

BLOCKS = "prod_{l in P_i} W_l is non-singular (r = 0)"
SUMS = "prod_{l in P_i} W_l + LR_r(E_i) is non-singular for 1 <= r <= R(M - 1)"
UNIFORM = "the partition is the uniform one"


def assumption_1(case: NetworkCase, ds: Sequence[SVD], num: Num) -> Steps:
    """Assumption 1 as printed, the index range of the weights included (1..L-bar).

    W_1, ..., W_{L-bar} and prod_{l in P_i} W_l + LR_r(E_i), r <= R(M - 1), are non-singular for every i.
    """
    yield suppose(case.partition == uniform_partition(case.frozen.depth, case.depth), UNIFORM)
    for W in case.frozen.weights[: case.depth]:
        yield suppose(num.nonsingular(W), FROZEN)
    for i, d in enumerate(ds):
        P = case.frozen_product(i)
        yield suppose(num.nonsingular(P), BLOCKS)
        for r in range(1, min(case.rank * (case.M - 1), case.frozen.width) + 1):
            yield suppose(num.nonsingular(P + truncated(d, r)), SUMS)


# Example 1 and the uniform partition
# ---------------------------------------------------------------------------------


def example_1(case: CountCase, num: Num) -> Steps:
    """Example 1: with L-bar = 2 and L = 4 the uniform partition is {{1, 2}, {3, 4}}.

    Hypotheses  none: one finite computation
    """
    yield conclude(uniform_partition(4, 2) == ((1, 2), (3, 4)), "P^u = {{1, 2}, {3, 4}}")


def uniform_partition_covers(case: CountCase, num: Num) -> Steps:
    """The uniform partition of Appendix E.2 is the l_{i,1}..l_{i,2} of Section 2.2: consecutive, and it covers 1..L.

    Hypotheses  1 <= L-bar <= L
    Conclusion  the blocks are (i-1)M + 1..iM, the last one up to L; together they are 1..L; none is shorter than M
    """
    L, target_depth = case.values
    blocks, M = uniform_partition(L, target_depth), L // target_depth
    for i, block in enumerate(blocks, 1):
        last = i * M if i < target_depth else L
        yield conclude(block == tuple(range((i - 1) * M + 1, last + 1)), "P_i = {l_{i,1}, ..., l_{i,2}}")
        yield conclude(len(block) >= M, "no block is shorter than M")
    yield conclude([l for block in blocks for l in block] == list(range(1, L + 1)), "the blocks cover 1..L in order")


def every_block_has_m_layers(case: CountCase, num: Num) -> Steps:
    """Text after the definition of P^u: every M layers of the adapted model approximate one layer of the target.

    Hypotheses  1 <= L-bar <= L
    Conclusion  every block has M = floor(L / L-bar) layers
    """
    L, target_depth = case.values
    for block in uniform_partition(L, target_depth):
        yield conclude(len(block) == L // target_depth, "the block has M layers")


def composition(case: NetworkCase, num: Num) -> Steps:
    """Example 1 and the proof of Theorem 3: a network is the composition of its sub-models.

    Hypotheses  a partition into consecutive layers
    Conclusion  f_{L-bar}(... f_1(x)) = f(x), run forward
    """
    f = case.frozen.adapted([W * 0 for W in case.frozen.weights], [W[..., 0] + W[..., -1] for W in case.frozen.weights])
    z = case.inputs.points
    for i in range(case.depth):
        z = sub_network(case, f, i).forward(z, num)
    yield conclude(equal(z, f.forward(case.inputs.points, num), scale=sup_norm(z, num)), "f = f_{L-bar} o ... o f_1")


# Assumption 1
# --------------------------------------------------------------------------------------------------------


def _svds_of_one(case: PartialSumCase, num: Num) -> Steps:
    D = case.frozen.shape[-1]
    for d in (case.first, case.second):
        for Q in (d.U, d.V):
            yield suppose(equal(Q.mT @ Q, num.identity(D)), "U and V are orthogonal")
        for k in range(1, D + 1):
            yield suppose(at_most(sigma(d, k + 1, num), sigma(d, k, num)), "the singular values are in order")
    yield suppose(equal(case.first.matrix, case.second.matrix), "both are SVDs of E")


def _verdicts(case: PartialSumCase, num: Num) -> Steps:
    yield suppose(num.nonsingular(case.frozen), BLOCKS)
    answers = []
    for d in (case.first, case.second):
        answer: Any = True
        for r in range(1, min(case.most, case.frozen.shape[-1]) + 1):
            answer = answer & num.nonsingular(case.frozen + truncated(d, r))
        answers.append(answer)
    yield conclude(holds(answers[0] == answers[1]), "the SVD of E does not matter")


def well_defined(case: PartialSumCase, num: Num) -> Steps:
    """Assumption 1, is it well defined: it holds with one SVD of E exactly when it does with another.

    Hypotheses  two SVDs of one matrix E; P = prod_{l in P_i} W_l is non-singular
    Conclusion  P + LR_r(E) is non-singular for all r <= R(M - 1) with both or with neither
    """
    yield from _svds_of_one(case, num)
    yield from _verdicts(case, num)


def well_defined_with_gaps(case: PartialSumCase, num: Num) -> Steps:
    """Assumption 1, repaired: where sigma_r > sigma_{r+1}, or r >= rank(E), the SVD of E does not matter.

    Hypotheses  as before; sigma_r(E) > sigma_{r+1}(E) or sigma_{r+1}(E) = 0 for every r <= R(M - 1)
    """
    yield from _svds_of_one(case, num)
    for r in range(1, min(case.most, case.frozen.shape[-1]) + 1):
        whole = num.zero(scalar(sigma(case.first, r + 1, num)))
        gap = scalar(sigma(case.first, r, num)) - scalar(sigma(case.first, r + 1, num))
        yield suppose(less_than(num.number(0), num.where(whole, num.number(1), gap)), "sigma_r > sigma_{r+1} or zero")
    yield from _verdicts(case, num)


def index_range(case: NetworkCase, num: Num) -> Steps:
    """Assumption 1, "(W_l) for l = 1..L-bar": the printed range of the weights is harmless.

    r = 0 says that prod_{l in P_i} W_l is non-singular for every block, and with it every W_l, l = 1..L.

    Hypotheses  Assumption 1 as printed
    Conclusion  W_1, ..., W_L are non-singular
    """
    yield from assumption_1(case, decompositions(case, num), num)
    for W in case.frozen.weights:
        yield conclude(num.nonsingular(W), "every W_l, l = 1..L, is non-singular")


def suffices_for_lemma_11(case: NetworkCase, num: Num) -> Steps:
    """Assumption 1, as it is used: it gives the hypotheses of Lemma 11 for every block.

    For a block of m layers Lemma 11 asks for r <= R(m - 1); the last block may have more than M layers.

    Hypotheses  Assumption 1 as printed
    Conclusion  prod_{l in P_i} W_l + LR_r(E_i) is non-singular for r <= R(|P_i| - 1)
    """
    ds = decompositions(case, num)
    yield from assumption_1(case, ds, num)
    for i, d in enumerate(ds):
        for r in range(min(case.rank * (len(case.partition[i]) - 1), case.frozen.width) + 1):
            yield conclude(num.nonsingular(case.frozen_product(i) + truncated(d, r)), "the hypothesis of Lemma 11")


def suffices_for_merged_layers(case: NetworkCase, num: Num) -> Steps:
    """Assumption 1, repaired: it gives the hypotheses of Lemma 12 with rank R in M layers of each block, 0 in the
    others.

    The first layers of a longer last block then need no adapter, and r <= R(M - 1) is all that is asked.

    Hypotheses  Assumption 1 as printed
    """
    ds = decompositions(case, num)
    yield from assumption_1(case, ds, num)
    for i, d in enumerate(ds):
        used = [0] * (len(case.partition[i]) - case.M) + [case.rank] * case.M
        for r in range(min(sum(used[:-1]), case.frozen.width) + 1):
            yield conclude(num.nonsingular(case.frozen_product(i) + truncated(d, r)), "the hypothesis of Lemma 12")


def target_is_nonsingular(case: NetworkCase, num: Num) -> Steps:
    """Assumption 1, what it costs: where R(M - 1) >= rank(E_i) it holds only for a non-singular target layer W-bar_i.

    LR_r(E_i) = E_i for such r.  A target with pruned or repeated units is then excluded; elimination does without.

    Hypotheses  Assumption 1 as printed; R(M - 1) >= rank(E_i) for every i
    """
    ds = decompositions(case, num)
    yield from assumption_1(case, ds, num)
    for d in ds:
        yield suppose(num.rank(d.matrix) <= case.rank * (case.M - 1), "R(M - 1) >= rank(E_i)")
    for W in case.target.weights:
        yield conclude(num.nonsingular(W), "W-bar_i is non-singular")


_E2 = "Appendix E.2"
_EXAMPLE = Source("zeng-lee", "Example 1 and the uniform partition", _E2)
_ASSUMPTION_1 = Source("zeng-lee", "Assumption 1", _E2)


EXAMPLE_1 = (
    _EXAMPLE.decided("zeng-lee/example-1", example_1, "computed"),
    _EXAMPLE.stands("zeng-lee/example-1.composition", composition, "a network is the composition of its layers"),
    _EXAMPLE.decided(
        "zeng-lee/example-1.uniform-partition", uniform_partition_covers, "both definitions agree for all L <= 24",
    ),
    _EXAMPLE.gap(
        "zeng-lee/example-1.every-m-layers", every_block_has_m_layers,
        "the last block takes the remainder: L = 3, L-bar = 2; smaller L are divisible",
        place="sentence after P^u", printed="|P_i^u| = M for every i",
        repaired_by="zeng-lee/example-1.uniform-partition",
    ),
)  # fmt: skip

ASSUMPTION_1 = (
    _ASSUMPTION_1.gap(
        "zeng-lee/assumption-1.well-defined", well_defined,
        "with ties in sigma one SVD gives a singular sum and another does not; a 1 x 1 matrix has no ties",
        place="Assumption 1",
        printed="prod_{l in P_i^u} W_l + LR_r(W-bar_i - prod W_l) non-singular for all r <= R(M-1)",
        repaired_by="zeng-lee/assumption-1.well-defined:gaps",
    ),
    _ASSUMPTION_1.stands(
        "zeng-lee/assumption-1.well-defined:gaps", well_defined_with_gaps,
        "LR_r is unique where sigma_r > sigma_{r+1}, and E itself from rank(E) on",
        about={
            "the singular values are in order": definition(
                "the decompositions are SVDs by definition; files with others are refused"
            ),
            BLOCKS: not_needed("r = 0 does not see the decomposition"),
        },
    ),
    _ASSUMPTION_1.stands(
        "zeng-lee/assumption-1.index-range", index_range,
        "the printed range 1..L-bar is harmless: r = 0 covers every layer",
        about={
            UNIFORM: not_needed("r = 0 says it of every block, and the blocks are all layers"),
            SUMS: not_needed("r = 0 alone says it"),
        },
    ),
    _ASSUMPTION_1.gap(
        "zeng-lee/assumption-1.lemma-11", suffices_for_lemma_11,
        "r <= R(M - 1) is too short for a last block of more than M layers: D = 1, L = 3, L-bar = 2, target 0",
        place="Assumption 1, the range of r", printed="r <= R(M-1), where Lemma 11 needs r <= R(|P_i^u| - 1)",
        repaired_by="zeng-lee/assumption-1.lemma-11:repaired",
    ),
    _ASSUMPTION_1.stands(
        "zeng-lee/assumption-1.lemma-11:repaired", suffices_for_merged_layers,
        "rank zero in the layers beyond M leaves the sums of the assumption",
        about={UNIFORM: not_needed("the sums that are asked are those supposed, block by block")},
    ),
    _ASSUMPTION_1.stands(
        "zeng-lee/assumption-1.nonsingular-target", target_is_nonsingular,
        "LR_r(E_i) = E_i from rank(E_i) on: the assumption excludes singular target layers there",
        about={UNIFORM: not_needed("LR_r(E_i) = E_i for r = R(M - 1), block by block")},
    ),
)  # fmt: skip
