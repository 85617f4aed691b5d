"""Textbook, 11.2.1, Lemma 11.19: the rank of attention matrices softmax(Q K^T / sqrt(d))."""

from __future__ import annotations

from collections.abc import Iterator

from theorems.case import Array, CountCase
from theorems.claim import Source
from theorems.facts import definition, not_needed
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, suppose
from theorems.texts.textbook.spectra.cases import AttentionCase

Steps = Iterator[Suppose | Conclude]


def logits(case: AttentionCase, num: Num) -> Array:
    """Q K^T / sqrt(d), n x n."""
    d = case.queries.shape[-1]
    scaled: Array = num.times(1 / num.sqrt(num.number(d)), case.queries @ case.keys.mT)
    return scaled


def attention(case: AttentionCase, num: Num) -> Array:
    """softmax(Q K^T / sqrt(d)) with rows that sum to one: row i is how token i attends to the others."""
    weights: Array = num.softmax(logits(case, num).mT).mT
    return weights


def rank_of_the_softmax(case: AttentionCase, num: Num) -> Steps:
    """Lemma 11.19: the rank of the n x n matrix A = softmax(Q K^T / sqrt(d)) is at most min(n, d).

    For d < n that makes A singular; the softmax is taken of rows.

    Hypotheses  d < n
    Conclusion  A is singular
    """
    n, d = case.queries.shape[-2:]
    yield suppose(d < n, "d < n")
    yield conclude(num.singular(attention(case, num)), "A, of rank at most d < n, is singular")


def rank_of_the_softmax_of_columns(case: AttentionCase, num: Num) -> Steps:
    """Lemma 11.19 with the softmax taken of columns, as texts that write tokens as columns do.

    Hypotheses  d < n
    Conclusion  A is singular
    """
    n, d = case.queries.shape[-2:]
    yield suppose(d < n, "d < n")
    yield conclude(num.singular(num.softmax(logits(case, num))), "A, of rank at most d < n, is singular")


def rank_of_the_logits(case: AttentionCase, num: Num) -> Steps:
    """Lemma 11.19, repaired: it is the logits Q K^T / sqrt(d) that have rank at most min(n, d).

    Dividing by sqrt(d) changes no rank, so that Q K^T is looked at.

    Conclusion  rank(Q K^T) <= min(n, d)
    """
    yield conclude(at_most(num.rank(case.queries @ case.keys.mT), min(case.queries.shape[-2:])), "rank <= min(n, d)")


def softmax_of_equal_tokens(case: AttentionCase, num: Num) -> Steps:
    """Lemma 11.19, what does bound the rank of the softmax: the number of different queries, and of different keys.

    Equal rows of Q give equal rows of A; equal rows of K give equal columns.  Here the last query is made equal to the
    first one, then the last key.  Dividing column j of exp(Q K^T / sqrt(d)) by its entry in row 1 (row i by its entry
    in column 1) changes no rank, and leaves ones to be met exactly: A is singular where two rows (columns) are ones.

    Hypotheses  n >= 2, two queries (keys) are equal
    Conclusion  A, its columns (rows) scaled by positive numbers, has a first and a last row (column) of ones
    """
    n, d = case.queries.shape[-2:]
    yield suppose(n >= 2, "n >= 2")
    root = 1 / num.sqrt(num.number(d))
    queries, keys = (num.concatenate([X[..., :-1, :], X[..., :1, :]], -2) for X in (case.queries, case.keys))
    scores = queries @ case.keys.mT
    rows = num.exp(num.times(root, scores - scores[..., :1, :]))
    yield conclude(equal(rows[..., -1, :], rows[..., 0, :]), "equal queries attend alike")
    scores = case.queries @ keys.mT
    columns = num.exp(num.times(root, scores - scores[..., :1]))
    yield conclude(equal(columns[..., -1], columns[..., 0]), "equal keys are attended to alike")


def full_rank_at_width_one(case: CountCase, num: Num) -> Steps:
    """Lemma 11.19, how far it fails: heads of width d = 1 reach every rank.  For q_i = k_i = i - 1, A has rank n.

    exp(q_i k_j) is the Vandermonde matrix of the different nodes e^0, e^1, ..., e^(n-1); the softmax divides its rows
    by positive numbers.  So no function of d bounds the rank.

    Conclusion  A is non-singular, for each n
    """
    (n,) = case.values
    yield suppose(n >= 1, "n >= 1")
    tokens = num.constant([[i] for i in range(n)])
    yield conclude(num.nonsingular(attention(AttentionCase(tokens, tokens), num)), "A is non-singular")


def energy_within_the_width(case: AttentionCase, num: Num) -> Steps:
    """Lemma 11.19, the last sentence: for n much larger than d the effective rank of A is determined by d.

    Read as: the first d singular values hold 95% of the energy of A.  Since sigma_1^2 <= ||A||_1 ||A||_inf, and the
    rows of A sum to one, that needs 0.95 ||A||_F^2 <= sum_{i<=d} sigma_i^2 <= d (the largest column sum).

    Hypotheses  10 d <= n
    Conclusion  the necessary condition, 0.95 ||A||_F^2 <= d max_j sum_i A_ij
    """
    n, d = case.queries.shape[-2:]
    yield suppose(10 * d <= n, "10 d <= n")
    A = attention(case, num)
    columns = num.apply(A.mT, num.constant([1] * n))
    largest = columns[..., 0]
    for j in range(1, n):
        largest = num.maximum(largest, columns[..., j])
    yield conclude(at_most(num.number(19, 20) * num.frobenius_norm_squared(A), d * largest), "E(d) >= 0.95 is possible")


def energy_of_a_flat_softmax(case: AttentionCase, num: Num) -> Steps:
    """Lemma 11.19, the last sentence, repaired: small logits make A low-rank whatever d is.

    With all logits within c of zero, the entries of A lie between e^(-2c)/n and e^(2c)/n, so that A is within
    e^(2c) - 1 of the matrix of entries 1/n (rank one) in the Frobenius norm: it is the size of the logits, not the
    width d, that bounds the effective rank.

    Hypotheses  every logit lies in [-c, c] for c = 1/4
    Conclusion  ||A - 1 1^T / n||_F^2 <= (e^(2c) - 1)^2
    """
    n = case.queries.shape[-2]
    scores = logits(case, num)
    quarter = num.number(1, 4)
    yield suppose(at_most(num.absolute(scores), quarter, scale=num.number(1)), "every logit lies in [-1/4, 1/4]")
    uniform = num.times(num.number(1, n), num.constant([[1] * n for _ in range(n)]))
    gap = num.exp(num.number(1, 2)) - 1
    yield conclude(
        at_most(num.frobenius_norm_squared(attention(case, num) - uniform), gap * gap), "A is close to rank one"
    )


_SOURCE = Source("textbook", "Lemma 11.19", "11.2.1")

CLAIMS = (
    _SOURCE.false(
        "textbook/lemma-11.19", rank_of_the_softmax,
        "n = 2, d = 1: the exponential is entry by entry and lifts the rank; d < n needs n >= 2, so none is "
        "smaller",
        place="Lemma 11.19", printed="rank(softmax(Q K^T / sqrt(d))) <= min(n, d)",
        why=(
            "Q K^T has rank at most d, but the exponential is taken entry by entry and then rows are divided: "
            "neither keeps a rank. With d = 1 and n different tokens the matrix is a scaled Vandermonde matrix, "
            "of rank n."
        ),
        repaired_by="textbook/lemma-11.19:logits",
    ),
    _SOURCE.false(
        "textbook/lemma-11.19:columns", rank_of_the_softmax_of_columns,
        "n = 2, d = 1, as for rows: exchange queries and keys",
        repaired_by="textbook/lemma-11.19:logits",
    ),
    _SOURCE.stands("textbook/lemma-11.19:logits", rank_of_the_logits, "a product of n x d and d x n factors"),
    _SOURCE.stands(
        "textbook/lemma-11.19.tokens", softmax_of_equal_tokens,
        "equal queries give equal rows: repeated tokens, not the width, bound the rank",
        about={"n >= 2": not_needed("of one token, first and last query are the same")},
    ),
    _SOURCE.decided(
        "textbook/lemma-11.19.full-rank", full_rank_at_width_one,
        "a Vandermonde matrix of different nodes for every n; certified in balls for n = 1..8",
        largest=24,
        about={"n >= 1": definition("a matrix has a row")},
    ),
    _SOURCE.false(
        "textbook/lemma-11.19.effective-rank", energy_within_the_width,
        "d = 1, n = 10: five queries look at one token, five at another, and two values share the energy",
        place="Lemma 11.19, last sentence",
        printed="n is usually much larger than d, so the effective rank is mainly determined by d",
        repaired_by="textbook/lemma-11.19.effective-rank:repaired",
    ),
    _SOURCE.stands(
        "textbook/lemma-11.19.effective-rank:repaired", energy_of_a_flat_softmax,
        "entries within a factor e^(2c) of 1/n; the size of the logits decides, whatever d",
    ),
)  # fmt: skip
