"""Obstructions for Transformers of several blocks: the exact instances, and targets in reach that none excludes."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.random import Generator

from theorems import catalogue
from theorems.arithmetic import Fractions, Rational
from theorems.case import Array, fractions
from theorems.claim import Outcome
from theorems.judge.driver import check
from theorems.models.transformer import Block, Transformer, TransformerCase
from theorems.strategies.rational import identity
from theorems.strategies.texts.zeng_lee.transformer.bent import CellRecipe, TwoBlockRecipe
from theorems.texts.zeng_lee.transformer.deep_obstructions import (
    cell_out_of_reach,
    has_an_active_input,
    target_out_of_reach,
    two_blocks_out_of_reach,
)

EXACT = [Rational(), Fractions()]
NUM = Rational()
THRESHOLD = "R >= max_i ceil(G_i / 2)"


def plain(D: int, L: int, heads: int = 0) -> Transformer:
    unit, none = identity(D), fractions(np.zeros(D, dtype=np.int64))
    stack = np.stack([unit] * max(heads, 1))
    block = Block(stack, stack, stack / max(heads, 1), (stack,) if heads else (), unit, unit, none, none)
    return Transformer((block,) * L, unit)


def against(frozen: Transformer, target: Transformer, R: int = 1, N: int = 2) -> TransformerCase:
    D = frozen.width
    X = fractions(np.arange(1, 1 + D * N).reshape(D, N))
    return TransformerCase(frozen, target, R, X, fractions(np.zeros(D, dtype=np.int64)))


def flag(value: Any) -> bool:
    return bool(Fraction(str(value)) == 1)


# the instances ------------------------------------------------------------------------------------------------------


def test_two_times_the_output_is_out_of_reach_from_six_on() -> None:
    """rank P (T - F) = D - 1 > 4 = 4 R without a mask."""
    for D, expected in ((5, False), (6, True)):
        case = against(plain(D, 1), dataclasses.replace(plain(D, 1), out=2 * identity(D)), N=1)
        assert flag(cell_out_of_reach(NUM.load(case), 1, NUM)) is expected


def test_two_blocks_of_width_ten_that_differ_in_the_second_layer_of_the_first() -> None:
    """9 > 8, with query-key gaps of zero: the value gap needs W_{2,i-1}."""
    frozen = plain(10, 2)
    first, second = frozen.blocks
    moved = dataclasses.replace(first, second=2 * identity(10)), dataclasses.replace(second, queries=second.queries / 4)
    case = against(frozen, Transformer(moved, frozen.out), N=1)
    assert flag(cell_out_of_reach(NUM.load(case), 1, NUM))
    assert not flag(cell_out_of_reach(NUM.load(case), 2, NUM))
    claim = catalogue.claim("zeng-lee/theorem-17:without-partial-sums")
    for num in EXACT:
        assert check(claim, case, num).outcome is Outcome.VACUOUS
        assert check(claim, case, num, skip=(THRESHOLD,)).outcome is Outcome.FAILS


def test_without_an_active_input_the_rank_says_nothing() -> None:
    """Both models are constant, although P (T - F) has the rank D - 1."""
    frozen = plain(10, 2)
    unit, ones = identity(10), fractions(np.ones(10, dtype=np.int64))
    below, above = frozen.blocks
    own = Transformer((below, dataclasses.replace(above, first=-2 * unit)), frozen.out)
    goal = Transformer((below, dataclasses.replace(above, first=-unit, first_bias=-ones)), frozen.out)
    case = NUM.load(against(own, goal, N=1))
    assert not has_an_active_input(case, NUM)
    assert not flag(cell_out_of_reach(case, 1, NUM))


@pytest.mark.parametrize("num", EXACT, ids=lambda num: num.name)
def test_theorem_17_as_printed_falls_at_width_three(num: Any) -> None:
    M, Mbar = [[0, 1, -1], [-1, -1, 0], [1, 0, -1]], [[0, 1, -1], [-1, 2, 0], [1, 0, 1]]
    Q = -fractions(np.array([[1, 2, 3], [2, 3, 1], [3, 1, 2]]))
    frozen = plain(3, 2)
    one, two = frozen.blocks
    own = Transformer((one, dataclasses.replace(two, queries=fractions(np.array([M])), first=Q)), frozen.out)
    goal = Transformer(
        (
            dataclasses.replace(one, first=-fractions(np.diag([1, 2, 3]))),
            dataclasses.replace(
                two, queries=fractions(np.array([Mbar])), first=Q, first_bias=fractions(np.ones(3, dtype=np.int64))
            ),
        ),
        frozen.out,
    )
    for key in ("zeng-lee/theorem-17:printed-letter", "zeng-lee/theorem-17:three-wide"):
        assert check(catalogue.claim(key), against(own, goal), num).outcome is Outcome.FAILS
        assert check(catalogue.claim(key), against(own, goal, N=1), num).outcome is Outcome.UNDECIDED  # has adapters


# no obstruction excludes what adapters reach ------------------------------------------------------------------------


def low(g: Generator, D: int, R: int) -> Array:
    return np.asarray(fractions(g.integers(-1, 2, (D, R))) @ fractions(g.integers(-1, 2, (R, D))))


def monomial(g: Generator, D: int) -> tuple[Array, Array]:
    sizes = fractions(g.integers(1, 4, D)) / int(g.integers(1, 3))
    unit = identity(D)[list(g.permutation(D))]
    return np.asarray(sizes[:, None] * unit), np.asarray(unit.T / sizes[None, :])


def turned(block: Block, G: Array, inverse: Array) -> Block:
    """The same function with the hidden units of the block turned by G."""
    return dataclasses.replace(
        block, first=G @ block.first, first_bias=G @ block.first_bias, second=block.second @ inverse
    )


def test_two_blocks_in_reach_are_not_excluded() -> None:
    """The target with its units turned, less low-rank changes, is the frozen model.

    W_2 of block 1 is not adapted, so that it must be the turned one: the frozen model carries it.
    """
    bites = 0
    for seed in range(60):
        g = np.random.default_rng(seed)
        target = _bending(g)
        bites += _applies(target)
        one, two = (turned(block, *monomial(g, 3)) for block in target.blocks)
        changes = [
            dataclasses.replace(
                block,
                keys=block.keys + low(g, 3, 1)[None],
                queries=block.queries + low(g, 3, 1)[None],
                values=block.values + low(g, 3, 1)[None],
                first=block.first + low(g, 3, 1),
            )
            for block in (one, two)
        ]
        changes[1] = dataclasses.replace(changes[1], second=changes[1].second + low(g, 3, 1))
        frozen = Transformer(tuple(changes), target.out + low(g, 3, 1))
        if NUM.rank(NUM.load(frozen.blocks[0].transfers[0])) < 3:
            continue
        assert not flag(two_blocks_out_of_reach(NUM.load(against(frozen, target)), 1, NUM)), seed
    assert bites > 20


def _bending(g: Generator) -> Transformer:
    """A target with Qbar < 0, columns of distinct entries, and beta = 1."""
    base = plain(3, 2)
    Q = -fractions(np.array([g.permutation(3) + 1, g.permutation(3) + 1, g.permutation(3) + 1]).T)
    one, two = base.blocks
    scores = fractions(g.integers(-2, 3, (1, 3, 3)))
    one = dataclasses.replace(one, first=fractions(np.diag(g.choice([-2, -1, 1, 2], 3))) + low(g, 3, 1))
    ones = fractions(np.ones(3, dtype=np.int64))
    return Transformer((one, dataclasses.replace(two, first=Q, queries=scores, first_bias=ones)), base.out)


def _applies(target: Transformer) -> bool:
    """Whether some frozen model is excluded: block 1 with scores of another sign."""
    one, two = target.blocks
    frozen = Transformer((dataclasses.replace(one, queries=-2 * one.queries), two), target.out)
    regular = NUM.rank(NUM.load(frozen.blocks[0].transfers[0])) == 3
    return regular and flag(two_blocks_out_of_reach(NUM.load(against(frozen, target)), 1, NUM))


@pytest.mark.parametrize(("depth", "heads"), [(1, 0), (1, 1), (1, 2), (2, 0), (2, 1)])
def test_gaps_at_the_threshold_are_in_reach_and_above_it_are_not(depth: int, heads: int) -> None:
    for above, expected in (("none", False), ("all", True)):
        case = NUM.load(CellRecipe(depth, heads, 1, above).exact(1))
        assert flag(cell_out_of_reach(case, 1, NUM)) is expected


def test_the_two_block_strategy_bites() -> None:
    for seed in range(4):
        assert flag(two_blocks_out_of_reach(NUM.load(TwoBlockRecipe(seed=seed).exact(1)), 1, NUM))


def test_an_output_layer_of_any_rank_leaves_the_rank_of_a_cell_free() -> None:
    """W_o alone may then make up for every gap of the output, so that only rigidity may exclude."""
    target = dataclasses.replace(plain(6, 1, 1), out=2 * identity(6))
    case = NUM.load(against(plain(6, 1, 1), target, N=1))
    assert flag(target_out_of_reach(case, 1, NUM)())
    assert not flag(target_out_of_reach(case, 1, NUM, free_output=True)())
