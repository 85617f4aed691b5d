"""Zeng and Lee, Appendix D, equations (6) to (11), and the Q_l of the proof of Lemma 10."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from theorems.adaptation.linear import suffixes
from theorems.case import SVD, Array
from theorems.models.linear import LinearCase, product
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, suppose
from theorems.texts.zeng_lee.arguments import BY_EQUATION_8
from theorems.texts.zeng_lee.linear.decomposition import of_the_proof
from theorems.texts.zeng_lee.linear.lemma_9 import one_rank
from theorems.texts.zeng_lee.linear.linear_models import FROZEN, hypotheses, sigma, truncated

Steps = Iterator[Suppose | Conclude]


def projections(d: SVD, ranks: Sequence[int], num: Num) -> list[Array]:
    """Equation (11) as meant: Q_l = V I_{first..last} V^T, first = R_1 + ... + R_{l-1} + 1, last = R_1 + ... + R_l."""
    D = d.s.shape[-1]
    return [d.V @ num.selector(D, sum(ranks[:l]) + 1, sum(ranks[: l + 1])) @ d.V.mT for l in range(len(ranks))]


def printed_projections(d: SVD, ranks: Sequence[int], rank: Any, num: Num) -> list[Array]:
    """Equation (11) as printed: Q_l = V I_{(R(l-1)+1) ^ R_E' : Rl ^ R_E'} V^T."""
    D, R = d.s.shape[-1], ranks[0]
    return [
        d.V @ num.selector(D, num.smaller(R * l + 1, rank), num.smaller(R * (l + 1), rank)) @ d.V.mT
        for l in range(len(ranks))
    ]


def printed_projections_of_lemma_10(d: SVD, ranks: Sequence[int], rank: Any, num: Num) -> list[Array]:
    """Proof of Lemma 10, as printed: Q_l = V I_{(R_1+...+R_{l-1}) ^ R_E' : (R_1+...+R_l) ^ R_E'} V^T."""
    D = d.s.shape[-1]
    return [
        d.V @ num.selector(D, num.smaller(sum(ranks[:l]), rank), num.smaller(sum(ranks[: l + 1]), rank)) @ d.V.mT
        for l in range(len(ranks))
    ]


def layers_by_equation_8(case: LinearCase, change: Array, Q: Sequence[Array], num: Num) -> Iterator[Array]:
    """Equation (8): Delta W_l = (W_L ... W_{l+1})^{-1} E'Q_l (prod_{i<l} (W_i + Delta W_i))^{-1}, for any Q_l, one by
    one.

    Raises `Undefined` (NaN in a batch) at a layer l with a singular W_i + Delta W_i below, i < l.
    """
    below: list[Array] = []
    for l, S in enumerate(suffixes(case.frozen.weights)):
        piece = change @ Q[l]
        piece = piece if S is None else num.solve(S, piece)
        if l > 0:
            piece = num.solve(product(below).mT, piece.mT).mT
        yield piece
        below.append(case.frozen.weights[l] + piece)


def changes_by_equation_8(case: LinearCase, change: Array, Q: Sequence[Array], num: Num) -> list[Array]:
    """All Delta W_l of `layers_by_equation_8`."""
    return list(layers_by_equation_8(case, change, Q, num))


def setting(case: LinearCase, num: Num) -> tuple[SVD, Array, Any]:
    """The SVD of E, E' = LR_{RL}(E) and R_E' = min(R L, rank(E))."""
    E = case.target - case.frozen.matrix
    d = num.svd(E)
    return d, truncated(d, sum(case.ranks)), num.smaller(sum(case.ranks), num.rank(E))


def equation_8_solves_equation_6(case: LinearCase, num: Num) -> Steps:
    """Equation (8) solves (6): (W_L ... W_{l+1}) Delta W_l (prod_{i<l} (W_i + Delta W_i)) = E'Q_l for all l.

    Hypotheses  those of Lemma 9, which give (10) below
    """
    d, change, _ = setting(case, num)
    yield from hypotheses(case.frozen, d, case.ranks, num)
    Q = projections(d, case.ranks, num)
    changes = changes_by_equation_8(case, change, Q, num)
    for l, S in enumerate(suffixes(case.frozen.weights)):
        term = changes[l] if S is None else S @ changes[l]
        if l > 0:
            term = term @ product(case.frozen.adapted(changes).weights[:l])
        yield conclude(equal(term, change @ Q[l], scale=sigma(d, 1, num)), "A_l = E'Q_l")


def equation_8_solves_equation_6_for_any_q(case: LinearCase, num: Num) -> Steps:
    """Equation (8) solves (6) whatever the Q_l are, where its inverses exist: W_l for l > 1, and (10).

    Here Q_l is the matrix of the competitor's adapter of layer l: of rank R_l or lower, and otherwise any.

    Hypotheses  every W_l is non-singular; the layers below the last stay so
    Conclusion  (W_L ... W_{l+1}) Delta W_l (prod_{i<l} (W_i + Delta W_i)) = E'Q_l for all l
    """
    d, change, _ = setting(case, num)
    for W in case.frozen.weights:
        yield suppose(num.nonsingular(W), FROZEN)
    Q = [adapter.matrix for adapter in case.competitor]
    below: list[Array] = []
    suffix = suffixes(case.frozen.weights)
    for l, piece in enumerate(layers_by_equation_8(case, change, Q, num)):
        layer = case.frozen.weights[l] + piece
        if l + 1 < len(Q):
            yield suppose(num.nonsingular(layer), "rank(W_l + Delta W_l) = D for l < L")
        S = suffix[l]
        term = piece if S is None else S @ piece
        term = term @ product(below) if below else term
        scale = sigma(d, 1, num) * num.maximum(num.frobenius_norm(Q[l]), num.number(1))
        yield conclude(equal(term, change @ Q[l], scale=scale), "A_l = E'Q_l")
        below.append(layer)


def equation_8_meets_the_rank_constraint(case: LinearCase, num: Num) -> Steps:
    """Equation (8) meets (9): rank(Delta W_l) <= R_l for all l.

    Hypotheses  those of Lemma 9
    """
    d, change, _ = setting(case, num)
    yield from hypotheses(case.frozen, d, case.ranks, num)
    for C, R in zip(
        changes_by_equation_8(case, change, projections(d, case.ranks, num), num), case.ranks, strict=True
    ):
        yield conclude(at_most(num.rank(C), R), "rank(Delta W_l) <= R_l")


def equation_8_keeps_layers_invertible(case: LinearCase, num: Num) -> Steps:
    """Equation (8) meets (10): rank(W_l + Delta W_l) = D for l < L.

    Hypotheses  those of Lemma 9
    """
    d, change, _ = setting(case, num)
    yield from hypotheses(case.frozen, d, case.ranks, num)
    changes: list[Array] = []
    for C in layers_by_equation_8(case, change, projections(d, case.ranks, num), num):
        changes.append(C)
        if len(changes) < len(case.ranks):
            W = case.frozen.weights[len(changes) - 1]
            yield conclude(num.nonsingular(W + C), "rank(W_l + Delta W_l) = D for l < L")
    yield conclude(
        equal(case.frozen.adapted(changes).matrix, case.frozen.matrix + change), "prod (W_l + Delta W_l) = prod W + E'"
    )


def _decomposes(change: Array, Q: Sequence[Array], d: SVD, num: Num) -> Conclude:
    return conclude(equal(change @ sum(Q), change, scale=sigma(d, 1, num)), "E'Q_1 + ... + E'Q_L = E'")


def printed_q_decompose(case: LinearCase, num: Num) -> Steps:
    """Equation (11) as printed satisfies (7): E'Q_1 + ... + E'Q_L = E' with Q_l = V I_{(R(l-1)+1)^R_E' : Rl^R_E'} V^T.

    Where the singular values are used up the range is R_E':R_E', which is not empty.

    Hypotheses  those of Lemma 9, one R for all layers
    """
    yield from one_rank(case)
    d, change, rank = setting(case, num)
    yield from hypotheses(case.frozen, d, case.ranks, num)
    yield _decomposes(change, printed_projections(d, case.ranks, rank, num), d, num)


def meant_q_decompose(case: LinearCase, num: Num) -> Steps:
    """Equation (11), repaired, satisfies (7): Q_l = V I_{R(l-1)+1 : Rl ^ R_E'} V^T, where the range may be empty.

    Hypotheses  none
    """
    d, change, _ = setting(case, num)
    yield _decomposes(change, projections(d, case.ranks, num), d, num)


def printed_q_have_low_rank(case: LinearCase, num: Num) -> Steps:
    """Equation (11) as printed satisfies rank(Q_l) <= R, which (9) rests on.

    Hypotheses  one R for all layers
    """
    yield from one_rank(case)
    d, _, rank = setting(case, num)
    for Q, R in zip(printed_projections(d, case.ranks, rank, num), case.ranks, strict=True):
        yield conclude(at_most(num.rank(Q), R), "rank(Q_l) <= R")


def printed_q_solve_equation_5(case: LinearCase, num: Num) -> Steps:
    """Equations (8) and (11) as printed solve (5): prod (W_l + Delta W_l) = prod W + E'.

    Hypotheses  those of Lemma 9, one R for all layers
    """
    yield from one_rank(case)
    d, change, rank = setting(case, num)
    yield from hypotheses(case.frozen, d, case.ranks, num)
    changes = changes_by_equation_8(case, change, printed_projections(d, case.ranks, rank, num), num)
    yield conclude(
        equal(case.frozen.adapted(changes).matrix, case.frozen.matrix + change), "prod (W_l + Delta W_l) = prod W + E'"
    )


def printed_q_keep_layers_invertible(case: LinearCase, num: Num) -> Steps:
    """Equation (11) as printed satisfies (10): with its Q_l and (8), rank(W_l + Delta W_l) = D for l < L.

    Hypotheses  those of Lemma 9, one R for all layers; L >= 2
    """
    yield from one_rank(case)
    d, change, rank = setting(case, num)
    yield from hypotheses(case.frozen, d, case.ranks, num)
    yield suppose(case.frozen.depth >= 2, "L >= 2")
    Q = printed_projections(d, case.ranks, rank, num)
    for l, piece in enumerate(layers_by_equation_8(case, change, Q, num)):
        if l + 1 < len(Q):
            yield conclude(num.nonsingular(case.frozen.weights[l] + piece), "rank(W_l + Delta W_l) = D for l < L")


def printed_q_of_lemma_10_decompose(case: LinearCase, num: Num) -> Steps:
    """Proof of Lemma 10, Q_l as printed: E'Q_1 + ... + E'Q_L = E'.

    Q_l = V I_{(R_1+...+R_{l-1})^R_E' : (R_1+...+R_l)^R_E'} V^T: the end of one range is the beginning of the next.

    Hypotheses  those of Lemma 10
    """
    d, change, rank = setting(case, num)
    yield from hypotheses(case.frozen, d, case.ranks, num)
    yield _decomposes(change, printed_projections_of_lemma_10(d, case.ranks, rank, num), d, num)


def printed_q_of_lemma_10_have_low_rank(case: LinearCase, num: Num) -> Steps:
    """Proof of Lemma 10, Q_l as printed satisfy (9): rank(Q_l) <= R_l.

    Hypotheses  none
    """
    d, _, rank = setting(case, num)
    for Q, R in zip(printed_projections_of_lemma_10(d, case.ranks, rank, num), case.ranks, strict=True):
        yield conclude(at_most(num.rank(Q), R), "rank(Q_l) <= R_l")


def meant_q_of_lemma_10(case: LinearCase, num: Num) -> Steps:
    """Proof of Lemma 10, the ranges as in (11): the ranges R_1+...+R_{l-1}+1 : R_1+...+R_l satisfy (7), and
    rank(Q_l) <= R_l.

    Hypotheses  none
    """
    d, change, _ = setting(case, num)
    Q = projections(d, case.ranks, num)
    yield _decomposes(change, Q, d, num)
    for one, R in zip(Q, case.ranks, strict=True):
        yield conclude(at_most(num.rank(one), R), "rank(Q_l) <= R_l")


EQUATIONS_8_AND_11 = (
    of_the_proof("equation (8)").stands(
        "zeng-lee/equation-8.solves-6", equation_8_solves_equation_6, "the inverses cancel",
        about=BY_EQUATION_8,
    ),
    of_the_proof("equation (8)").stands(
        "zeng-lee/equation-8.solves-6:any-q", equation_8_solves_equation_6_for_any_q,
        "the inverses cancel, whatever stands between them",
    ),
    of_the_proof("equations (8), (9)").stands(
        "zeng-lee/equation-8.rank", equation_8_meets_the_rank_constraint, "rank Q_l <= R",
        about=BY_EQUATION_8,
    ),
    of_the_proof("equations (8), (10)").stands(
        "zeng-lee/equation-8.nonsingular", equation_8_keeps_layers_invertible,
        "W_L...W_{l+1} (W_l + Delta W_l) ... = prod W + LR_{Rl}(E)",
        about=BY_EQUATION_8,
    ),
    of_the_proof("equations (7), (11)").gap(
        "zeng-lee/equation-11", printed_q_decompose,
        "iff R(L-1) >= rank(E) >= 1 the last range R_E':R_E' counts one direction again: D = 1, L = 2, R = 1",
        place="equation (11), and the line after it on (7)", printed="Q_l = V I_{(R(l-1)+1) ^ R_E' : Rl ^ R_E', D} V^T",
        why=(
            "Cutting both ends of the range at R_E' leaves the range R_E' : R_E', which has one position, where "
            "it should be empty. Once R(l-1) >= R_E' every further Q_l counts the last direction again, and the "
            "sum in (7) exceeds E'."
        ),
        repaired_by="zeng-lee/equation-11:repaired",
    ),
    of_the_proof("equations (7), (11)").stands(
        "zeng-lee/equation-11:repaired", meant_q_decompose, "they partition 1..R_E'",
    ),
    of_the_proof("equations (9), (11)").stands(
        "zeng-lee/equation-11.rank", printed_q_have_low_rank, "R positions, or one",
    ),
    of_the_proof("equations (8), (10), (11)").gap(
        "zeng-lee/equation-11.nonsingular", printed_q_keep_layers_invertible,
        "D = 1, L = 3, R = 1, W_l = 1, target 1/2: the direction counted again makes Delta W_2 = -1",
        place="line after (11)", printed="the Q_l of (11) with (8) satisfy (10)",
        repaired_by="zeng-lee/equation-8.nonsingular",
    ),
    of_the_proof("equations (5), (8), (11)").gap(
        "zeng-lee/equation-11.product", printed_q_solve_equation_5, "the direction counted twice is added twice",
        place="equations (5), (8), (11)", printed="(8) with the Q_l of (11) achieves (5)",
        repaired_by="zeng-lee/equation-8.nonsingular",
    ),
)  # fmt: skip


LEMMA_10_PROOF = (
    of_the_proof("proof of Lemma 10").misprint(
        "zeng-lee/lemma-10.q-matrices:printed-letter", printed_q_of_lemma_10_decompose,
        "the '+ 1' is missing: consecutive ranges share an end, already for D = 1, L = 2",
        place="proof of Lemma 10, last formula",
        printed="Q_l = V I_{(sum_{i<l} R_i) ^ R_E' : (sum_{i<=l} R_i) ^ R_E', D} V^T; (11) has + 1",
        repaired_by="zeng-lee/lemma-10.q-matrices",
    ),
    of_the_proof("proof of Lemma 10").misprint(
        "zeng-lee/lemma-10.q-matrices.rank:printed-letter", printed_q_of_lemma_10_have_low_rank,
        "the range has R_l + 1 positions from l = 2 on",
        place="proof of Lemma 10, last formula", printed="the same ranges, for (9)",
        repaired_by="zeng-lee/lemma-10.q-matrices",
    ),
    of_the_proof("proof of Lemma 10").stands("zeng-lee/lemma-10.q-matrices", meant_q_of_lemma_10, "a partition"),
)  # fmt: skip
