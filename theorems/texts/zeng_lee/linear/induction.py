"""Zeng and Lee, Appendix D, equation (12) and the rank chain of the induction in the proof of Lemma 9."""

from __future__ import annotations

from collections.abc import Iterator

from theorems.adaptation.linear import suffixes
from theorems.case import SVD, Array
from theorems.models.linear import LinearCase, product
from theorems.num import Num
from theorems.statement import Conclude, Suppose, conclude, equal, suppose
from theorems.texts.zeng_lee.arguments import BY_EQUATION_8
from theorems.texts.zeng_lee.linear.decomposition import of_the_proof
from theorems.texts.zeng_lee.linear.lemma_9 import one_rank
from theorems.texts.zeng_lee.linear.linear_models import hypotheses, sigma, truncated
from theorems.texts.zeng_lee.linear.projections import (
    changes_by_equation_8,
    printed_projections,
    projections,
    setting,
)  # fmt: skip

Steps = Iterator[Suppose | Conclude]


def printed_q_have_full_rank(case: LinearCase, num: Num) -> Steps:
    """Induction step, "rank(Delta W_l) <= rank(Q_l) = R": with (11) as printed every Q_l has exactly the rank R.

    Hypotheses  those of Lemma 9
    """
    yield from one_rank(case)
    d, _, rank = setting(case, num)
    yield from hypotheses(case.frozen, d, case.ranks, num)
    for Q, R in zip(printed_projections(d, case.ranks, rank, num), case.ranks, strict=True):
        yield conclude(equal(num.rank(Q), R), "rank(Q_l) = R")


def printed_base_case(case: LinearCase, num: Num) -> Steps:
    """Equation (12) as printed: with Q_1 = I_{1:R,D} the chain of the base case ends in E'Q_1 = LR_{R ^ R_E'}(E).

    Hypotheses  those of Lemma 9
    """
    yield from one_rank(case)
    d, change, _ = setting(case, num)
    yield from hypotheses(case.frozen, d, case.ranks, num)
    Q = num.selector(case.frozen.width, 1, case.ranks[0])
    yield conclude(
        equal(change @ Q, truncated(d, case.ranks[0]), scale=sigma(d, 1, num)), "E'Q_1 = LR_{R ^ R_E'}(E)"
    )


def printed_base_case_keeps_the_layer_invertible(case: LinearCase, num: Num) -> Steps:
    """Equation (12) as printed gives (10) at l = 1: with Q_1 = I_{1:R,D}, rank(W_1 + Delta W_1) = D.

    Hypotheses  those of Lemma 9; L >= 2
    """
    yield from one_rank(case)
    d, change, _ = setting(case, num)
    yield from hypotheses(case.frozen, d, case.ranks, num)
    yield suppose(case.frozen.depth >= 2, "L >= 2")
    Q = num.selector(case.frozen.width, 1, case.ranks[0])
    after = product(case.frozen.weights[1:])
    change_1 = num.solve(after, change @ Q)
    yield conclude(num.nonsingular(case.frozen.weights[0] + change_1), "rank(W_1 + Delta W_1) = D")


def base_case(case: LinearCase, num: Num) -> Steps:
    """Equation (12), with Q_1 of (11): Q_1 = V I_{1:R^R_E',D} V^T gives E'Q_1 = LR_{R^R_E'}(E) and rank(W_1 + Delta
    W_1) = D.

    Hypotheses  those of Lemma 9 (for the second conclusion L >= 2)
    """
    d, change, _ = setting(case, num)
    yield from hypotheses(case.frozen, d, case.ranks, num)
    Q = projections(d, case.ranks, num)[0]
    yield conclude(equal(change @ Q, truncated(d, case.ranks[0]), scale=sigma(d, 1, num)), "E'Q_1 = LR_{R^R_E'}(E)")
    if case.frozen.depth >= 2:
        change_1 = num.solve(product(case.frozen.weights[1:]), change @ Q)
        yield conclude(num.nonsingular(case.frozen.weights[0] + change_1), "rank(W_1 + Delta W_1) = D")


def substitution_as_printed(case: LinearCase, num: Num) -> Steps:
    """Rank chain, first line as printed: Delta W_l = (W_L ... W_{l+1})^{-1} E'Q_l prod_{i<l} (W_i + Delta W_i)^{-1}.

    With the convention of the text the product of the inverses begins with (W_{l-1} + Delta W_{l-1})^{-1}, while
    equation (8) has the inverse of the product, its factors the other way round.

    Hypotheses  those of Lemma 9
    Conclusion  for l = 2, ..., L the printed matrix is that of equation (8)
    """
    yield from one_rank(case)
    d, change, _ = setting(case, num)
    yield from hypotheses(case.frozen, d, case.ranks, num)
    Q = projections(d, case.ranks, num)
    changes = changes_by_equation_8(case, change, Q, num)
    adapted = case.frozen.adapted(changes).weights
    for l, S in enumerate(suffixes(case.frozen.weights)):
        if l > 0:
            piece = change @ Q[l] if S is None else num.solve(S, change @ Q[l])
            printed = piece @ product([num.inverse(layer) for layer in adapted[:l]])
            yield conclude(equal(printed, changes[l]), "the printed substitution is equation (8)")
    if case.frozen.depth == 1:
        yield suppose(False, "L >= 2")


def _chain(case: LinearCase, num: Num, last: int) -> Iterator[tuple[int, Array, Array, SVD]]:
    """For l = 2..last: l, the adapted layer W_l + Delta W_l, prod W + E'(Q_1 + ... + Q_l), and the SVD of E."""
    d, change, _ = setting(case, num)
    Q = projections(d, case.ranks, num)
    adapted = case.frozen.adapted(changes_by_equation_8(case, change, Q, num)).weights
    for l in range(2, last + 1):
        yield l, adapted[l - 1], case.frozen.matrix + change @ sum(Q[:l]), d


def chain_telescopes(case: LinearCase, num: Num) -> Steps:
    """Rank chain, middle: rank(W_l + Delta W_l) = rank(prod W + E'(Q_1 + ... + Q_l)) for l = 2, ..., L.

    Hypotheses  those of Lemma 9; L >= 2
    """
    d, _, _ = setting(case, num)
    yield from hypotheses(case.frozen, d, case.ranks, num)
    yield suppose(case.frozen.depth >= 2, "L >= 2")
    for _, layer, partial, _ in _chain(case, num, case.frozen.depth):
        yield conclude(equal(num.rank(layer), num.rank(partial)), "both ranks agree")


def chain_ends_as_printed(case: LinearCase, num: Num) -> Steps:
    """Rank chain, last line as printed: rank(prod W + E'(Q_1 + ... + Q_l)) = rank(prod W + LR_{R ^ R_E'}(E)), l = 2..L.

    Hypotheses  those of Lemma 9; L >= 2
    """
    yield from one_rank(case)
    d, _, _ = setting(case, num)
    yield from hypotheses(case.frozen, d, case.ranks, num)
    yield suppose(case.frozen.depth >= 2, "L >= 2")
    printed = num.rank(case.frozen.matrix + truncated(d, case.ranks[0]))
    for _, _, partial, _ in _chain(case, num, case.frozen.depth):
        yield conclude(equal(num.rank(partial), printed), "the printed ranks agree")


def chain_ends(case: LinearCase, num: Num) -> Steps:
    """Rank chain, last line as meant: prod W + E'(Q_1 + ... + Q_l) = prod W + LR_{Rl ^ R_E'}(E), with Rl for R.

    Hypotheses  those of Lemma 9; L >= 2
    """
    d, _, _ = setting(case, num)
    yield from hypotheses(case.frozen, d, case.ranks, num)
    yield suppose(case.frozen.depth >= 2, "L >= 2")
    for l, _, partial, _ in _chain(case, num, case.frozen.depth):
        meant = case.frozen.matrix + truncated(d, sum(case.ranks[:l]))
        yield conclude(equal(partial, meant), "prod W + E'(Q_1 + ... + Q_l) = prod W + LR_{Rl}(E)")


def chain_concludes_as_printed(case: LinearCase, num: Num) -> Steps:
    """Rank chain, its conclusion as printed: rank(W_l + Delta W_l) = D for l = 2, ..., L.

    At l = L the layer is singular whenever prod W + E' is, which no hypothesis excludes.

    Hypotheses  those of Lemma 9; L >= 2
    """
    yield from one_rank(case)
    d, _, _ = setting(case, num)
    yield from hypotheses(case.frozen, d, case.ranks, num)
    yield suppose(case.frozen.depth >= 2, "L >= 2")
    for _, layer, _, _ in _chain(case, num, case.frozen.depth):
        yield conclude(num.nonsingular(layer), "rank(W_l + Delta W_l) = D for l = 2..L")


CLAIMS = (
    of_the_proof("equation (12)").misprint(
        "zeng-lee/equation-12:printed-letter", printed_base_case,
        "Q_1 = I_{1:R,D} for V I_{1:R,D} V^T: it keeps R columns of E', not R singular triples",
        place="equation (12)", printed="Q_1 = I_{1:R,D}; (11) gives Q_1 = V I_{1:R,D} V^T",
        repaired_by="zeng-lee/equation-12",
    ),
    of_the_proof("equation (12)").misprint(
        "zeng-lee/equation-12.nonsingular:printed-letter", printed_base_case_keeps_the_layer_invertible,
        "prod W plus R columns of E' may be singular: P = I, E = diag(-1, 2)",
        place="equation (12) and the chain after it", printed="rank(W_1 + Delta W_1) = D for Q_1 = I_{1:R,D}",
        repaired_by="zeng-lee/equation-12",
    ),
    of_the_proof("equation (12)").stands(
        "zeng-lee/equation-12", base_case, "E' V I_{1:R} V^T = LR_R(E)",
        about=BY_EQUATION_8,
    ),
    of_the_proof("induction step").misprint(
        "zeng-lee/rank-chain.substitution:printed-letter", substitution_as_printed,
        "a product of inverses for the inverse of a product: three layers, E'Q_3 not zero, so D = 3 is smallest",
        place="induction step, line 1",
        printed="prod_{i=1}^{l-1} (W_i + Delta W_i)^{-1}; (8) has (prod_{i=1}^{l-1} (W_i + Delta W_i))^{-1}",
        repaired_by="zeng-lee/equation-8.solves-6",
    ),
    of_the_proof("induction step").gap(
        "zeng-lee/rank-chain.rank-of-q", printed_q_have_full_rank,
        "rank(Q_l) <= R, with less where the singular values are used up; what (9) needs stands",
        place="induction step, line before the chain", printed="rank(Delta W_l) <= rank(Q_l) = R",
        repaired_by="zeng-lee/equation-11.rank",
    ),
    of_the_proof("induction step").stands(
        "zeng-lee/rank-chain.middle", chain_telescopes, "invertible factors only",
        about=BY_EQUATION_8,
    ),
    of_the_proof("induction step").misprint(
        "zeng-lee/rank-chain.last-line:printed-letter", chain_ends_as_printed,
        "R for Rl: at l = L the left side is the rank of prod W + E', which may be singular",
        place="induction step, last line", printed="= rank(prod W_i + LR_{R ^ R_E'}(E)); sum_{i<=l} Q_i gives Rl",
        repaired_by="zeng-lee/rank-chain.last-line",
    ),
    of_the_proof("induction step").stands(
        "zeng-lee/rank-chain.last-line", chain_ends, "the Q_l are projections",
        about=BY_EQUATION_8,
    ),
    of_the_proof("induction step").misprint(
        "zeng-lee/rank-chain.full-rank:printed-letter", chain_concludes_as_printed,
        "l = L is not covered by r <= R(L-1), and not needed: a singular target makes W_L + Delta W_L singular",
        place="induction step, line after the chain", printed="for l = 2, ..., L; (10) has l in [L - 1]",
        repaired_by="zeng-lee/equation-8.nonsingular",
    ),
)  # fmt: skip
