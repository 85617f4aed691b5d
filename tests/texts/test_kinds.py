"""What a refutation is about: false, a gap, or a misprint.  The labels are for a reader who has the page open."""

from __future__ import annotations

import re

import pytest

from theorems.catalogue import CLAIMS
from theorems.claim import Claim, Kind, Verdict
from theorems.errors import InputError
from theorems.report.totals import is_printed, totals, word_of

BY_KEY = {claim.key: claim for claim in CLAIMS}
FALSE, GAP, MISPRINT = Kind.FALSE, Kind.GAP, Kind.MISPRINT

#: The telling ones; each was decided with the page open.
LABELS = {
    # what is meant is false
    "zeng-lee/equation-1.5": FALSE,  # tr(AB) <= tr(A) tr(B), and nothing near it says "semidefinite"
    "zeng-lee/equation-1.7": FALSE,  # used as printed: the trace of Sigma becomes its Frobenius norm
    "zeng-lee/lemma-11.identity": FALSE,  # R or RL: a difference of ReLUs is no ReLU of the difference
    "zeng-lee/theorem-5": FALSE,
    "zeng-lee/theorem-15.error-bound": FALSE,
    "zeng-lee/equation-19": FALSE,  # one singular value for all that are left
    "zeng-lee/beta-chain.input-norm": FALSE,
    "zeng-lee/equation-23": FALSE,  # "must be satisfied"
    "zeng-lee/appendix-i.error": FALSE,
    "zeng-lee/appendix-g.1.initialisation": FALSE,
    "textbook/lemma-11.19": FALSE,  # the rank of a softmax
    "textbook/theorem-11.9": FALSE,
    "textbook/theorem-11.10": FALSE,
    "textbook/theorem-11.14:frozen-noise": FALSE,  # Sigma carries the index t
    "textbook/theorem-11.14:stationary-law": FALSE,
    "textbook/lemma-11.24": FALSE,
    "textbook/definition-11.20.dimension": FALSE,
    # something is unsaid
    "zeng-lee/lemma-9.optimal-solution": GAP,  # "the" for "an"
    "zeng-lee/notation.low-rank": GAP,  # a tie
    "zeng-lee/assumption-1.well-defined": GAP,
    "zeng-lee/equation-11": GAP,  # R(L-1) < rank(E)
    "zeng-lee/parameter-count.target": GAP,  # weights are counted, biases are not
    "zeng-lee/rank-chain.rank-of-q": GAP,
    "zeng-lee/output-layer.invertible:by-lemma-9": GAP,
    "textbook/theorem-11.13.order": GAP,  # the step size
    "textbook/theorem-11.19": GAP,  # a bound of the norm
    "textbook/theorem-11.11.index:listed": GAP,
    "textbook/theorem-11.18.index:listed": GAP,
    "textbook/definition-11.22:every-matrix": GAP,  # W* = 0
    "textbook/definition-11.16.energy:every-matrix": GAP,  # the same
    "textbook/definition-11.23:unique": GAP,  # ties of an argmax
    # the page has it right elsewhere
    "zeng-lee/notation.sigma:printed-letter": MISPRINT,  # d >= D; Appendix A has d > D
    "zeng-lee/notation.input-space:printed-letter": MISPRINT,
    "zeng-lee/equation-12:printed-letter": MISPRINT,  # (11) has V I V^T
    "zeng-lee/rank-chain.full-rank:printed-letter": MISPRINT,  # (10) has l in [L - 1]
    "zeng-lee/lemma-11.identity:printed-letter": MISPRINT,  # R; the proof has RL
    "zeng-lee/lemma-13:printed-letter": MISPRINT,  # 1..L-bar; Lemma 14 and Corollary 4 have L
    "zeng-lee/theorem-5:printed-letter": MISPRINT,
    "zeng-lee/theorem-15.exactness:printed-letter": MISPRINT,
    "zeng-lee/theorem-15.error-bound:printed-letter": MISPRINT,
    "zeng-lee/equation-15:printed-letter": MISPRINT,  # RL; (19) has RM
    "zeng-lee/equation-21:printed-letter": MISPRINT,  # alpha with E_i; Theorem 5 has E_k
    "zeng-lee/theorem-17:printed-letter": MISPRINT,  # no W_1; the proof has it
    "zeng-lee/theorem-6:printed-letter": MISPRINT,  # "lower than R"; Theorem 17 has "R or lower"
    "zeng-lee/appendix-i.rank:printed-letter": MISPRINT,  # floor; Lemma 9 has the ceiling
    "textbook/lemma-11.22.shapes:printed-letter": MISPRINT,
}

#: What the page does not say may not have a key of the page.
NOT_ON_THE_PAGE = (
    "zeng-lee/theorem-6.threshold", "zeng-lee/theorem-17.threshold", "zeng-lee/equation-25.necessary",
    "zeng-lee/parameter-count.degrees-of-freedom", "zeng-lee/lemma-8.exact-point",
    "textbook/definition-11.16.truncation", "textbook/definition-11.17.agreement",
    "textbook/corollary-11.4.informative",
    "textbook/definition-11.18.function", "textbook/theorem-11.16.stationary", "textbook/table-11.2.3.qlora",
    "textbook/definition-11.22.at-most-one", "textbook/definition-11.22.order", "textbook/table-11.2.2.consistency",
    "textbook/lemma-11.17.power-law", "textbook/theorem-11.11.index", "textbook/theorem-11.18.index",
)  # fmt: skip

#: The page is right, or means what is right.
STAND = (
    "zeng-lee/lemma-8", "zeng-lee/lemma-13", "zeng-lee/theorem-1", "zeng-lee/theorem-2", "zeng-lee/theorem-6",
    "zeng-lee/theorem-17", "zeng-lee/theorem-15.exactness", "zeng-lee/appendix-i.rank", "zeng-lee/equation-21",
    "zeng-lee/assumption-2", "zeng-lee/output-layer.invertible", "textbook/definition-11.22",
    "textbook/definition-11.16.energy", "textbook/table-11.2.2.medium", "textbook/theorem-11.14",
)  # fmt: skip


def test_every_refutation_has_a_kind_and_nothing_else_has() -> None:
    assert [c.key for c in CLAIMS if (c.kind is not None) != (c.verdict is Verdict.REFUTED)] == []


@pytest.mark.parametrize("key", LABELS)
def test_the_telling_labels(key: str) -> None:
    assert BY_KEY[key].kind is LABELS[key]


def test_the_letter_of_a_misprint_stands_beside_what_is_meant() -> None:
    letters = [claim for claim in CLAIMS if claim.reading == "printed-letter"]
    assert len(letters) > 30
    for claim in letters:
        assert claim.kind is MISPRINT, claim.key
        main = BY_KEY.get(claim.key.partition(":")[0])
        repair = BY_KEY[claim.repaired_by or ""]
        assert repair.verdict is not None
        assert repair.verdict.stands, claim.key
        assert main is None or main is repair or main.kind is FALSE, claim.key


@pytest.mark.parametrize("key", NOT_ON_THE_PAGE)
def test_what_the_page_does_not_say_is_a_reading(key: str) -> None:
    assert key not in BY_KEY


@pytest.mark.parametrize("key", STAND)
def test_what_the_page_means_stands(key: str) -> None:
    verdict = BY_KEY[key].verdict
    assert verdict is not None
    assert verdict.stands


def test_what_falls_of_the_page_has_its_place_and_formula() -> None:
    fallen = [claim for claim in CLAIMS if claim.kind is not None and is_printed(claim.key)]
    assert [claim.key for claim in fallen if not (claim.place and claim.printed)] == []


#: Where a reader will ask why.
FLAGSHIPS = (
    "zeng-lee/equation-1.5", "zeng-lee/equation-1.7", "zeng-lee/lemma-9.optimal-solution", "zeng-lee/equation-11",
    "zeng-lee/lemma-11.identity", "zeng-lee/lemma-11.squared-error", "zeng-lee/lemma-13:printed-letter",
    "zeng-lee/theorem-3.minimal", "zeng-lee/theorem-5", "zeng-lee/equation-19", "zeng-lee/theorem-15.error-bound",
    "zeng-lee/theorem-17:printed-letter", "zeng-lee/theorem-6:printed-letter",
    "zeng-lee/appendix-i.rank:printed-letter",
    "zeng-lee/appendix-i.error", "textbook/theorem-11.9", "textbook/theorem-11.10", "textbook/lemma-11.19",
    "textbook/lemma-11.24", "textbook/definition-11.20.dimension", "textbook/theorem-11.16", "textbook/lemma-11.30",
    "textbook/theorem-11.19",
)  # fmt: skip


@pytest.mark.parametrize("key", FLAGSHIPS)
def test_flagships_say_why_they_fall(key: str) -> None:
    assert 2 <= len(re.findall(r"\.(?: |$)", BY_KEY[key].why)) <= 3


def test_only_a_refutation_has_a_kind() -> None:
    known = CLAIMS[0]
    with pytest.raises(InputError, match="only a refuted claim has a kind"):
        Claim(key="a/b", statement=known.statement, kind=GAP)
    with pytest.raises(InputError, match="leave the kind out"):
        Claim(key="a/b", statement=known.statement, verdict=Verdict.CORROBORATED, kind=GAP)


def test_totals_count_the_kinds_apart() -> None:
    words = {
        "a/one": "false", "a/one.part": "gap", "a/one:word": "false", "a/two:printed-letter": "misprint",
        "a/two": "corroborated", "a/three": "decided", "a/four": "empirical",
    }  # fmt: skip
    assert totals(words) == (
        "4 statements: 7 claims, 6 of the page and 1 reading of it",
        "2 stand: 1 sampled, 1 decided",
        "4 fall: 2 false, 1 gap, 1 misprint; of the page 1 false, 1 gap, 1 misprint",
        "the others: 1 empirical",
    )
    assert is_printed("a/two:printed-letter")
    assert not is_printed("a/one:word")
    assert {word_of(claim) for claim in CLAIMS} >= {"false", "gap", "misprint", "corroborated"}
