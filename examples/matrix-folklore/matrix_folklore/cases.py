"""How the claims are attacked."""

from __future__ import annotations

from theorems.strategies import matrices

_ONE, _TWO, _THREE, _FOUR = (matrices(count=count) for count in (1, 2, 3, 4))
_SYMMETRIC = {count: matrices(count=count, structure="symmetric") for count in (1, 2, 3)}
_SEMIDEFINITE = {count: matrices(count=count, structure="psd") for count in (2, 3)}

CASES = {
    "folklore/trace.cyclic": _THREE,
    "folklore/trace.any-order": _THREE,
    "folklore/trace.any-order:symmetric": _SYMMETRIC[3],
    "folklore/trace.two-semidefinite": _SEMIDEFINITE[2],
    "folklore/trace.three-semidefinite": _SEMIDEFINITE[3],
    "folklore/trace.square": _ONE,
    "folklore/trace.square:symmetric": _SYMMETRIC[1],
    "folklore/trace.cauchy-schwarz": _TWO,
    "folklore/rank.product": _TWO,
    "folklore/rank.commutes": _TWO,
    "folklore/rank.commutes:symmetric": _SYMMETRIC[2],
    "folklore/rank.gram": _ONE,
    "folklore/rank.sum": _TWO,
    "folklore/rank.sylvester": _TWO,
    "folklore/rank.entrywise": _TWO,
    "folklore/rank.entrywise:smaller": _TWO,
    "folklore/rank.stable": _ONE,
    "folklore/loewner.square": _SEMIDEFINITE[2],
    "folklore/loewner.inverse": _SEMIDEFINITE[2],
    "folklore/loewner.congruence": _TWO,
    "folklore/loewner.anticommutator": _SEMIDEFINITE[2],
    "folklore/loewner.sandwich": _SEMIDEFINITE[2],
    "folklore/determinant.product": _TWO,
    "folklore/determinant.sum": _TWO,
    "folklore/determinant.sum:semidefinite": _SEMIDEFINITE[2],
    "folklore/determinant.blocks": _FOUR,
    "folklore/determinant.blocks:identity": _THREE,
    "folklore/inverse.sum": _TWO,
    "folklore/inverse.product": _TWO,
    "folklore/symmetric.product": _SYMMETRIC[2],
    "folklore/softmax.shift": _ONE,
    "folklore/softmax.scale": _ONE,
    "folklore/softmax.rank": _ONE,
    "folklore/softmax.norm": _ONE,
}
