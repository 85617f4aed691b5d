"""Zeng and Lee, Appendix I: a target of width D-bar in a frozen model of width D >= D-bar."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from theorems.adaptation.linear import adapters_by_elimination
from theorems.case import Array
from theorems.claim import Source
from theorems.facts import implied, needed, not_needed
from theorems.models.linear import Adapter, NarrowCase
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, exists, suppose
from theorems.texts.zeng_lee.arguments import RAISING, without_sums
from theorems.texts.zeng_lee.linear.linear_models import PARTIAL, WHOLE, constructed, hypotheses, sigma

Steps = Iterator[Suppose | Conclude]


def _ranks(case: NarrowCase) -> tuple[int, ...]:
    return (case.rank,) * case.frozen.depth


def _setting(case: NarrowCase, num: Num) -> Steps:
    """1 <= D-bar <= D, R in [D], and E = expanded target - prod W is zero outside its first D-bar rows and columns."""
    n, D = case.narrow, case.frozen.width
    yield suppose(case.rank >= 1, "R in [D]")
    block = num.selector(D, 1, n)
    E = case.error.matrix
    yield suppose(equal(block @ E @ block, E), "the expanded target differs from prod W in its first block only")


def rank_of_the_error(case: NarrowCase, num: Num) -> Steps:
    """Appendix I: the error of the expanded target has rank(E) <= D-bar.

    Hypotheses  the expanded target has the entries of prod W outside its first D-bar rows and columns
    """
    yield from _setting(case, num)
    yield conclude(at_most(num.rank(case.error.matrix), case.narrow), "rank(E) <= D-bar")


def _exact_from(case: NarrowCase, num: Num) -> Steps:
    """Some adapters of rank R reproduce the narrow target: the first block of the product is the target.

    The obstruction is the block's own: its change has rank at most R L, so that the error of the block is at least
    sigma_{RL+1} of E.
    """
    P, n = case.frozen.matrix, case.narrow
    target = P + case.error.matrix
    d = num.svd(target - P)
    yield from hypotheses(case.frozen, d, _ranks(case), num)

    def attained() -> Any:
        return num.frobenius_norm((constructed(case.frozen, d, _ranks(case), num) - target)[..., :n, :n])

    yield conclude(
        exists(
            attained=attained,
            lower_bound=sigma(d, case.rank * case.frozen.depth + 1, num),
            bound=num.number(0),
            scale=num.frobenius_norm(target),
        ),
        "some adapters give the narrow target exactly",
    )


def exact_from_the_floor(case: NarrowCase, num: Num) -> Steps:
    """Appendix I, rank, as printed: from R >= floor(D-bar / L) on, the narrow target is represented exactly.

    Hypotheses    those of Lemma 9 for the expanded target; R in [D]; R >= floor(D-bar / L)
    Construction  equation (8)
    Conclusion    the first D-bar rows and columns of prod (W_l + Delta W_l) are the target
    """
    yield from _setting(case, num)
    yield suppose(case.rank >= case.narrow // case.frozen.depth, "R >= floor(D-bar / L)")
    yield from _exact_from(case, num)


def exact_from_the_ceiling(case: NarrowCase, num: Num) -> Steps:
    """Appendix I, rank, with the ceiling of Lemma 9: from R >= ceil(D-bar / L) on, the narrow target is represented
    exactly.

    Hypotheses    those of Lemma 9 for the expanded target; R >= D-bar / L
    Construction  equation (8)
    """
    yield from _setting(case, num)
    yield suppose(case.rank * case.frozen.depth >= case.narrow, "R >= ceil(D-bar / L)")
    yield from _exact_from(case, num)


def optimal_solution(case: NarrowCase, num: Num) -> Steps:
    """Appendix I, (27): from R >= ceil(D-bar / L) on, its optimal solutions have the product W-tilde.

    The least Frobenius error is zero, and a product without error is W-tilde.

    Hypotheses    those of Lemma 9 for the expanded target; R >= D-bar / L
    Construction  equation (8)
    Obstruction   the product changes by rank at most R L, and misses by sigma_{RL+1} of E
    Conclusion    the least value of (27) is zero
    """
    yield from _setting(case, num)
    yield suppose(case.rank * case.frozen.depth >= case.narrow, "R >= ceil(D-bar / L)")
    target = case.frozen.matrix + case.error.matrix
    d = num.svd(target - case.frozen.matrix)
    yield from hypotheses(case.frozen, d, _ranks(case), num)
    yield conclude(
        exists(
            attained=lambda: num.frobenius_norm(constructed(case.frozen, d, _ranks(case), num) - target),
            lower_bound=sigma(d, case.rank * case.frozen.depth + 1, num),
            bound=num.number(0),
            scale=num.frobenius_norm(target),
        ),
        "the least value of (27) is zero",
    )


def _outputs(case: NarrowCase, product: Array, num: Num) -> tuple[Array, Array]:
    """The two sides of (26): the wide model at (x, 0), and (target x, 0)."""
    n, D = case.narrow, case.frozen.width
    padding = num.zeros(D - n)
    wide = num.apply(product, num.concatenate([case.x, padding], -1))
    return wide, num.concatenate([num.apply(case.target, case.x), padding], -1)


def error_as_printed(case: NarrowCase, num: Num) -> Steps:
    """Appendix I, error, as printed: a product equal to the expanded target makes the error (26) zero for all inputs.

    (26) is f((x, 0)) - (target x, 0) in R^D.  The expanded target keeps the lower left block of prod W, which maps x to
    the last D - D-bar coordinates.

    Hypotheses  those of Lemma 9 for the expanded target; R >= ceil(D-bar / L); the product is the expanded target
    Conclusion  (26) is zero
    """
    yield from _setting(case, num)
    yield suppose(case.rank * case.frozen.depth >= case.narrow, "R >= ceil(D-bar / L)")
    expanded = case.frozen.matrix + case.error.matrix
    d = num.svd(expanded - case.frozen.matrix)
    yield from hypotheses(case.frozen, d, _ranks(case), num)
    product = constructed(case.frozen, d, _ranks(case), num)
    yield suppose(equal(product, expanded), "prod (W_l + Delta W_l) is the expanded target")
    wide, wanted = _outputs(case, product, num)
    yield conclude(equal(wide, wanted), "f((x, 0)) = (target x, 0)")


def error_of_the_block(case: NarrowCase, num: Num) -> Steps:
    """Appendix I, error, repaired: with the expanded target as product the first D-bar coordinates of (26) are zero.

    Hypotheses  the product is the expanded target
    """
    yield from _setting(case, num)
    wide, wanted = _outputs(case, case.frozen.matrix + case.error.matrix, num)
    n = case.narrow
    yield conclude(equal(wide[..., :n], wanted[..., :n]), "f((x, 0)) begins with target x")


def error_with_zeros_below(case: NarrowCase, num: Num) -> Steps:
    """Appendix I, error, repaired by another expansion: with zeros in its lower left block (26) vanishes altogether.

    The first D-bar columns become (target, 0); the others stay.  The change still has rank at most D-bar, so that
    R >= ceil(D-bar / L) is enough whenever prod W is non-singular.

    Hypotheses    prod W is non-singular; R >= ceil(D-bar / L)
    Construction  elimination (`adapters_by_elimination`)
    Obstruction   the product changes by rank at most R L: its first D-bar columns miss by sigma_{RL+1} of their change
    Conclusion    some adapters of rank R have f((x, 0)) = (target x, 0) for every x: the first D-bar columns of their
                  product are (target, 0)
    """
    yield from _setting(case, num)
    yield suppose(case.rank * case.frozen.depth >= case.narrow, "R >= ceil(D-bar / L)")
    P, n, D = case.frozen.matrix, case.narrow, case.frozen.width
    yield suppose(num.nonsingular(P), "prod W is non-singular (r = 0)")
    columns = num.identity(D)[..., :n]
    wanted = num.concatenate([case.target, num.zeros(D - n, n)], -2)
    change = Adapter(wanted - P @ columns, columns.mT)

    def attained() -> Any:
        adapters = adapters_by_elimination(case.frozen.weights, change, _ranks(case), num)
        reached = case.frozen.adapted([adapter.matrix for adapter in adapters]).matrix
        return num.frobenius_norm(reached @ columns - wanted)

    yield conclude(
        exists(
            attained=attained,
            lower_bound=lambda: num.singular_value(wanted - P @ columns, case.rank * case.frozen.depth + 1),
            bound=num.number(0),
            scale=num.maximum(num.frobenius_norm(P), num.frobenius_norm(wanted)),
        ),
        "some adapters make (26) zero for every x",
    )


def columns_do_not_matter(case: NarrowCase, num: Num) -> Steps:
    """Appendix I: the last D - D-bar columns of the product do not affect (26).

    Hypotheses  two products that differ in those columns only
    """
    yield from _setting(case, num)
    n, D = case.narrow, case.frozen.width
    P = case.frozen.matrix
    other = P @ num.selector(D, 1, n)
    one, two = _outputs(case, P, num)[0], _outputs(case, other, num)[0]
    yield conclude(equal(one, two), "(26) is the same")


def rows_do_not_matter(case: NarrowCase, num: Num) -> Steps:
    """Appendix I: the last D - D-bar rows of the product do not affect (26).

    Hypotheses  two products that differ in those rows only
    """
    yield from _setting(case, num)
    n, D = case.narrow, case.frozen.width
    P = case.frozen.matrix
    other = num.selector(D, 1, n) @ P
    one, two = _outputs(case, P, num)[0], _outputs(case, other, num)[0]
    yield conclude(equal(one, two), "(26) is the same")


_SOURCE = Source("zeng-lee", "Extension to different dimensions", "Appendix I")

_NO_RANK = not_needed("R does not occur in the conclusion")
_FIRST_BLOCK = not_needed("of the expanded target only the first block occurs, and that is the target")
_BELOW = needed("zeng-lee/appendix-i.rank:printed-letter", "below the ceiling the first block is out of reach")

CLAIMS = (
    _SOURCE.misprint(
        "zeng-lee/appendix-i.rank:printed-letter", exact_from_the_floor,
        "floor for ceiling: D-bar = 3, L = 2, R = 1; for D-bar <= 2 every R in [D] is above the ceiling",
        place="Appendix I, last paragraph", printed="R >= floor(D-bar / L); Lemma 9 has ceil(R_E / L)",
        why=(
            "L adapters of rank floor(D-bar / L) change the product by less than rank D-bar unless L divides it, "
            "and the error of the expanded target may have rank D-bar. Lemma 9, which is cited, has the ceiling."
        ),
        repaired_by="zeng-lee/appendix-i.rank",
    ),
    _SOURCE.stands(
        "zeng-lee/appendix-i.rank", exact_from_the_ceiling, "Lemma 9 with rank(E) <= D-bar <= R L",
        about={
            **RAISING, "R in [D]": implied("R >= ceil(D-bar / L)", "D-bar >= 1"),
            "the expanded target differs from prod W in its first block only": not_needed(
                "another expanded target has the same first block, is within rank D-bar, and elimination reaches "
                "it"
            ),
            PARTIAL: without_sums(),
        },
    ),
    _SOURCE.stands(
        "zeng-lee/appendix-i.optimal-solution", optimal_solution,
        "rank(E) <= D-bar <= R L leaves no error, and in any norm only W-tilde has none",
        about={
            **RAISING, "R in [D]": implied("R >= ceil(D-bar / L)", "D-bar >= 1"), PARTIAL: without_sums(),
        },
    ),
    _SOURCE.stands(
        "zeng-lee/appendix-i.rank.of-the-error", rank_of_the_error, "E has D-bar rows that are not zero",
        about={"R in [D]": _NO_RANK},
    ),
    _SOURCE.false(
        "zeng-lee/appendix-i.error", error_as_printed,
        "the lower left block of prod W is kept, and (26) sees it: D-bar = 1, D = 2",
        place="Appendix I, last sentence", printed="(26) = 0 for all x",
        why=(
            "(26) also compares the last D - D-bar coordinates with zero, and the expanded target keeps the "
            "lower left block of the frozen product there. Zeros in that block, at the same rank bound, make "
            "(26) vanish."
        ),
        repaired_by="zeng-lee/appendix-i.error:repaired",
    ),
    _SOURCE.stands(
        "zeng-lee/appendix-i.error:repaired", error_with_zeros_below,
        "expand by zeros below the target: the change still has rank at most D-bar",
        about={
            "R in [D]": (implied("R >= ceil(D-bar / L)", "D-bar >= 1"), _BELOW),
            "the expanded target differs from prod W in its first block only": _FIRST_BLOCK,
            "R >= ceil(D-bar / L)": _BELOW,
            WHOLE: needed(
                "zeng-lee/lemma-9.exactness:without-nonsingularity",
                "in its witness (D-bar = D) no adapters have the target",
            ),
        },
    ),
    _SOURCE.stands(
        "zeng-lee/appendix-i.error:first-coordinates", error_of_the_block, "the first D-bar coordinates are target x",
        about={"R in [D]": _NO_RANK, "the expanded target differs from prod W in its first block only": _FIRST_BLOCK},
    ),
    _SOURCE.stands(
        "zeng-lee/appendix-i.error.columns", columns_do_not_matter, "they meet the zeros of (x, 0)",
        about={"R in [D]": _NO_RANK, "the expanded target differs from prod W in its first block only": _FIRST_BLOCK},
    ),
    _SOURCE.false(
        "zeng-lee/appendix-i.error.rows", rows_do_not_matter, "they are the last D - D-bar coordinates of (26)",
        place="Appendix I, sentence after (26)",
        printed="(26) depends neither on the last D - D-bar columns, which is so, nor on the last D - D-bar rows",
        repaired_by="zeng-lee/appendix-i.error.columns",
    ),
)  # fmt: skip
