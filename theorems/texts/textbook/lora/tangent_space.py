"""The textbook section, 11.2.4: LoRA and the tangent space of the set of its weights (Lemma 11.27)."""

from __future__ import annotations

from collections.abc import Iterator

from theorems.claim import Source
from theorems.facts import to_state
from theorems.num import Num
from theorems.statement import Conclude, Suppose, conclude, equal, suppose
from theorems.texts.textbook.lora.training import direction, full_rank, movement, projected, projectors
from theorems.texts.textbook.training.cases import LoraCase

Steps = Iterator[Suppose | Conclude]


def projection(case: LoraCase, num: Num) -> Steps:
    """Lemma 11.27: LoRA moves W along the projection of the gradient onto the tangent space of the set.

    To first order W moves along B B^T G + G A^T A; read up to a factor of the step size, that is up to multiples.

    Hypotheses  rank(B) = rank(A) = r
    Conclusion  B B^T G + G A^T A and P_B G + G P_A - P_B G P_A are parallel
    """
    yield from full_rank(case, num)
    P, Q = projectors(case, num)
    Z, T = direction(case), projected(case.gradient, P, Q)
    left, right = num.frobenius_norm_squared(Z), num.frobenius_norm_squared(T)
    inner = num.trace(Z.mT @ T)
    yield conclude(equal(inner * inner, left * right), "they are parallel")


def projection_repaired(case: LoraCase, num: Num) -> Steps:
    """Lemma 11.27, repaired: the first-order movement of W is tangent to the set; it is no projection of G.

    Hypotheses  rank(B) = rank(A) = r
    Conclusion  the projection of Z = B B^T G + G A^T A is Z
    """
    yield from full_rank(case, num)
    P, Q = projectors(case, num)
    Z = direction(case)
    yield conclude(equal(projected(Z, P, Q), Z), "B B^T G + G A^T A is tangent")


def preconditioned(case: LoraCase, num: Num) -> Steps:
    """Lemma 11.27, sharpened: which factor directions do project the gradient.

    dA = (B^T B)^{-1} B^T G and dB = (I - P_B) G A^T (A A^T)^{-1} give dB A + B dA = P_B G + (I - P_B) G P_A.

    Hypotheses  rank(B) = rank(A) = r
    """
    yield from full_rank(case, num)
    B, A, G = case.B, case.A, case.gradient
    P, Q = projectors(case, num)
    dA = num.solve(B.mT @ B, B.mT @ G)
    along = num.solve(A @ A.mT, A @ G.mT).mT
    dB = along - P @ along
    yield conclude(
        equal(dB @ A + B @ dA, projected(G, P, Q), scale=num.frobenius_norm(G)), "dB A + B dA is the projection of G"
    )


def directions(case: LoraCase, num: Num) -> Steps:
    """Lemma 11.27, the last sentence: W changes only within the column space of B and the row space of A.

    Read with "and": to first order Z = P_B Z P_A.

    Hypotheses  rank(B) = rank(A) = r
    """
    yield from full_rank(case, num)
    P, Q = projectors(case, num)
    Z = direction(case)
    yield conclude(equal(Z, P @ Z @ Q, scale=num.frobenius_norm(Z)), "Z = P_B Z P_A")


def directions_of_a_step(case: LoraCase, num: Num) -> Steps:
    """Lemma 11.27, the last sentence, read with "or", for a whole step: (I - P_B)(W' - W)(I - P_A) = 0.

    The term eta^2 G A^T B^T G lies in neither space.

    Hypotheses  rank(B) = rank(A) = r
    """
    yield from full_rank(case, num)
    P, Q = projectors(case, num)
    Z = movement(case, num)
    rest = Z - P @ Z - Z @ Q + P @ Z @ Q
    yield conclude(equal(rest, Z * 0, scale=num.frobenius_norm(Z)), "nothing outside both spaces")


def directions_repaired(case: LoraCase, num: Num) -> Steps:
    """Lemma 11.27, the last sentence, repaired: to first order, each part of the movement lies in one of the spaces.

    Hypotheses  rank(B) = rank(A) = r
    Conclusion  (I - P_B) Z (I - P_A) = 0 for Z = B B^T G + G A^T A
    """
    yield from full_rank(case, num)
    P, Q = projectors(case, num)
    Z = direction(case)
    rest = Z - P @ Z - Z @ Q + P @ Z @ Q
    yield conclude(equal(rest, Z * 0, scale=num.frobenius_norm(Z)), "nothing outside both spaces, to first order")


def at_initialisation(case: LoraCase, num: Num) -> Steps:
    """Lemma 11.27 at the usual start B = 0: the first step moves W by exactly -eta G A^T A.

    The columns of the movement are free; its rows lie in the row space of A, which the draw of A has fixed.

    Hypotheses  B = 0; rank(A) = r
    Conclusion  W' - W = -eta G A^T A, and (W' - W)(I - P_A) = 0
    """
    yield suppose(equal(case.B, case.B * 0, scale=num.number(1)), "B = 0")
    yield suppose(num.nonsingular(case.A @ case.A.mT), "rank(A) = r")
    A = case.A
    moved = movement(case, num)
    yield conclude(equal(moved, -num.times(case.step[..., 0], case.gradient @ A.mT @ A)), "W' - W = -eta G A^T A")
    yield conclude(
        equal(moved, moved @ A.mT @ num.solve(A @ A.mT, A), scale=num.frobenius_norm(moved)),
        "its rows lie in the row space of A",
    )


_GEOMETRY = Source("textbook", "Lemma 11.27", "11.2.4")

_PROJECTOR_OF_B = to_state("the projector of B is formed with the inverse of its Gram matrix")
_PROJECTOR_OF_A = to_state("the projector of A is formed with the inverse of its Gram matrix")

CLAIMS = (
    _GEOMETRY.false(
        "textbook/lemma-11.27", projection,
        "the factors weight the two terms: not even parallel (m = 2, n = r = 1); for 1 x 1 it is a multiple",
        place="Lemma 11.27", printed="the gradient is projected onto the tangent space of M_LoRA",
        repaired_by="textbook/lemma-11.27:repaired",
    ),
    _GEOMETRY.stands(
        "textbook/lemma-11.27:repaired", projection_repaired,
        "each term has its columns in range(B) or its rows in range(A^T)",
        about={"rank(B) = r": _PROJECTOR_OF_B, "rank(A) = r": _PROJECTOR_OF_A},
    ),
    _GEOMETRY.stands(
        "textbook/lemma-11.27:preconditioned", preconditioned,
        "the Gram matrices undo the weights, and I - P_B takes out what would count twice",
        about={"rank(B) = r": _PROJECTOR_OF_B, "rank(A) = r": _PROJECTOR_OF_A},
    ),
    _GEOMETRY.false(
        "textbook/lemma-11.27.directions", directions, "G A^T A has any columns: m = 2, n = r = 1",
        place="Lemma 11.27, last sentence",
        printed="only changes within the column space of B and the row space of A are learned",
        repaired_by="textbook/lemma-11.27.directions:repaired",
    ),
    _GEOMETRY.false(
        "textbook/lemma-11.27.directions:finite-step", directions_of_a_step,
        "eta^2 G A^T B^T G lies in neither space: m = n = 2, r = 1; smaller shapes leave no room outside both",
        repaired_by="textbook/lemma-11.27.directions:repaired",
    ),
    _GEOMETRY.stands(
        "textbook/lemma-11.27.directions:repaired", directions_repaired, "(I - P_B) B = 0 and A (I - P_A) = 0",
        about={"rank(B) = r": _PROJECTOR_OF_B, "rank(A) = r": _PROJECTOR_OF_A},
    ),
    _GEOMETRY.stands(
        "textbook/lemma-11.27.at-initialisation", at_initialisation, "with B = 0 only B moves",
        about={"rank(A) = r": _PROJECTOR_OF_A},
    ),
)  # fmt: skip
