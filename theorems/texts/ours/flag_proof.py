"""The midpoint flag as claims: its product, and the steps of the proof that it is exact."""

from __future__ import annotations

from collections.abc import Iterator

from theorems.adaptation.midpoint_flag import Flag, midpoint_flag
from theorems.adaptation.subspaces import subspaces_of
from theorems.claim import Source
from theorems.facts import needed, not_needed, to_state, unsettled
from theorems.models.linear import Adapter
from theorems.num import Num
from theorems.statement import Conclude, Suppose, conclude, equal, suppose
from theorems.texts.ours.reach import ReachCase
from theorems.texts.zeng_lee.linear.linear_models import FROZEN

Steps = Iterator[Suppose | Conclude]


def _hypotheses(case: ReachCase, num: Num) -> Steps:
    for W in case.frozen.weights:
        yield suppose(num.nonsingular(W), "every W_l is non-singular")
    yield suppose(case.columns == sum(case.ranks), "E = B A has R_1 + ... + R_L columns")
    if case.columns:
        yield suppose(num.nonsingular(case.change.B.mT @ case.change.B), "the columns of B are independent")


def flag_of(case: ReachCase, num: Num) -> Flag:
    """The construction on a case; the factors of E are made orthonormal first where the arithmetic has roots."""
    spaces = subspaces_of(num)
    B, t = spaces.basis(case.change.B)
    return midpoint_flag(case.frozen.weights, Adapter(B, t @ case.change.A), case.ranks, spaces)


def product(case: ReachCase, num: Num) -> Steps:
    """The midpoint flag gives the target: prod (W_l + Delta_l) = prod W_l + E.

    Hypotheses    every W_l is non-singular; E = B A with R_1 + ... + R_L independent columns in B (any E of at most
                  that rank has such factors; no partial sum is asked for, and A may be of smaller rank)
    Construction  `midpoint_flag`, directions chosen in floats and rounded, everything else in the arithmetic at hand
    Conclusion    the product of the adapted layers, run forward, is the target; the adapters have R_l columns
    Margin        relative to the larger of ||prod W||_F and ||E||_F
    """
    yield from _hypotheses(case, num)
    adapters = flag_of(case, num).adapters
    for adapter, R in zip(adapters, case.ranks, strict=True):
        yield conclude(adapter.A.shape[-2] == R, "Delta_l has R_l columns")
    reached = case.frozen.adapted([adapter.matrix for adapter in adapters]).matrix
    scale = num.maximum(num.frobenius_norm(case.frozen.matrix), num.frobenius_norm(case.change.matrix))
    yield conclude(equal(reached, case.target, scale=scale), "prod (W_l + Delta_l) = prod W_l + E")


def flags(case: ReachCase, num: Num) -> Steps:
    """The strength flag: S_l Y_l = U_l k_l, the nested spaces that say which outputs are finished by layer l.

    Conclusion  beyond_l (coordinates in range E of) S_l Y_l is zero: S_l Y_l spans the part U_l of range E,
                and S_l Y_l = B within_l^+ k_l, that is, its coordinates in U_l are k_l
    """
    yield from _hypotheses(case, num)
    flag = flag_of(case, num)
    B = subspaces_of(num).basis(case.change.B)[0]
    above = num.identity(case.frozen.width)
    for W, level in zip(reversed(case.frozen.weights), reversed(flag.levels), strict=True):
        image = above @ level.Y
        if level.Y.shape[-1]:
            coordinates = num.solve(B.mT @ B, B.mT @ image)
            scale = num.frobenius_norm(above)
            yield conclude(equal(B @ coordinates, image, scale=scale), "S_l Y_l lies in range E")
            yield conclude(equal(level.within @ coordinates, level.k, scale=scale), "its coordinates in U_l are k_l")
            if level.beyond.shape[-2]:
                yield conclude(
                    equal(level.beyond @ coordinates, 0 * (level.beyond @ coordinates), scale=scale),
                    "S_l Y_l lies in U_l",
                )
        above = above @ W


def complementary(case: ReachCase, num: Num) -> Steps:
    """The angle flag: what is kept is a complement of x, the inputs assigned to layer l, and of z, those to avoid.

    Conclusion  [c, x] and [c, z] are non-singular at every layer
    """
    yield from _hypotheses(case, num)
    for step in flag_of(case, num).steps:
        if step.x.shape[-1] and step.kept.shape[-1]:
            for other, name in ((step.x, "x"), (step.z, "z")):
                joined = num.concatenate([step.kept, other], -1)
                yield conclude(num.nonsingular(joined), f"the kept space is a complement of {name}")
    yield conclude(len(case.ranks) >= 1, "there is a layer")


def bases(case: ReachCase, num: Num) -> Steps:
    """[Fn, F, G] is a basis at every layer, and Delta_l changes none of the kept and finished states.

    Fn: the images of ker E under the raw layers; F: the states of the inputs still unchanged; G: the finished states.

    Conclusion  [Fn, F, G] is non-singular and A_l [Fn, F c, G] = 0 for every layer
    """
    yield from _hypotheses(case, num)
    flag = flag_of(case, num)
    for step, adapter in zip(flag.steps, flag.adapters, strict=True):
        triple = num.concatenate([step.vanishing, step.untouched, step.finished], -1)
        yield conclude(num.nonsingular(triple), "[Fn, F, G] is a basis")
        if not adapter.A.shape[-2]:
            continue
        for states in (step.vanishing, step.untouched @ step.kept, step.finished):
            if states.shape[-1]:
                seen = adapter.A @ states
                scale = num.frobenius_norm(adapter.A) * num.frobenius_norm(states)
                yield conclude(equal(seen, 0 * seen, scale=scale), "Delta_l leaves kept and finished states alone")


_SOURCE = Source("ours", "Midpoint flag", "MIDPOINT_FLAG, Algorithm")

_PREIMAGES = to_state("preimages under W_l, and their complements, are taken")
_BASIS = unsettled("the flag takes a basis of range B, which may be smaller")

CLAIMS = (
    _SOURCE.stands(
        "ours/midpoint-flag", product,
        "every input is changed by one layer, so that the raw layers above carry it to its target; exact",
        about={
            FROZEN: needed("ours/proposition-a:without-nonsingularity", "in its witness no adapters have the product"),
            "the columns of B are independent": not_needed(
                "elimination asks for any factors of E",
                "ours/proposition-a",
            ),
        },
    ),
    _SOURCE.stands(
        "ours/midpoint-flag.strength", flags,
        "S_{l-1} n v = S_l Y_l (Y_l^+ W_l n v) on the preimage n of span Y_l under W_l",
        about={FROZEN: _PREIMAGES, "the columns of B are independent": _BASIS},
    ),
    _SOURCE.stands(
        "ours/midpoint-flag.complementary", complementary,
        "all principal angles between the midpoint and x (or z) are at most 45 degrees",
        about={FROZEN: _PREIMAGES, "the columns of B are independent": _BASIS},
    ),
    _SOURCE.stands(
        "ours/midpoint-flag.bases", bases, "the kept space meets x and z in zero alone, and W_l is invertible",
        about={"the columns of B are independent": _BASIS},
    ),
)  # fmt: skip
