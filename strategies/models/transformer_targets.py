"""Targets and frozen models with one thing special about them: what `TransformerRecipe.twist` names."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from theorems.case import SVD, Array
from theorems.models.transformer import Block, Transformer, TransformerCase
from theorems.strategies.models.transformer_makers import MONOMIAL, Maker


def stacked(matrices: Sequence[Array]) -> Array:
    """Matrices of heads in one array (..., H, D, D)."""
    return np.stack(matrices, axis=-3)


def renumbered(maker: Maker, frozen: Transformer) -> Transformer:
    """The frozen model with its heads turned by one place."""
    return _ordered(frozen, [*range(1, frozen.heads), 0])


def _ordered(frozen: Transformer, order: list[int]) -> Transformer:
    blocks = []
    for block in frozen.blocks:
        heads = {name: getattr(block, name)[..., order, :, :] for name in ("keys", "queries", "values")}
        blocks.append(
            dataclasses.replace(block, **heads, outputs=tuple(O[..., order, :, :] for O in block.outputs))
        )
    return Transformer(tuple(blocks), frozen.out)


def exchanged(maker: Maker, frozen: Transformer) -> Transformer:
    """The frozen model with two of its heads exchanged in every block: with three heads, in no cyclic order."""
    order = list(range(frozen.heads))
    if frozen.heads > 1:
        one, other = (int(h) for h in maker.generator.choice(frozen.heads, 2, replace=False))
        order[one], order[other] = other, one
    return _ordered(frozen, order)


def rows_copied(maker: Maker, frozen: Transformer, R: int) -> Transformer:
    """The frozen model with its first R rows of W_K and W_Q of every head changed: each score gap has rank 2 R."""
    blocks = []
    for block in frozen.blocks:
        moved: dict[str, Any] = {}
        for name in ("keys", "queries"):
            W = getattr(block, name)
            rows = W[..., :R, :] + maker.vector(block.heads, R, frozen.width)
            moved[name] = np.concatenate([rows, W[..., R:, :]], -2)
        blocks.append(dataclasses.replace(block, **moved))
    return Transformer(tuple(blocks), frozen.out)


def last_head_replaced(maker: Maker, frozen: Transformer, law: str) -> Transformer:
    """The frozen model with other W_K and W_Q in the last head of every block."""
    blocks = []
    for block in frozen.blocks:
        moved: dict[str, Any] = {}
        for name in ("keys", "queries"):
            W = getattr(block, name)
            moved[name] = np.concatenate([W[..., :-1, :, :], maker.weight(law, frozen.width)[..., None, :, :]], -3)
        blocks.append(dataclasses.replace(block, **moved))
    return Transformer(tuple(blocks), frozen.out)


def singular_second(maker: Maker, frozen: Transformer) -> Transformer:
    """The model with the first column of W_2 zero in every block."""
    keep = maker.constants([0] + [1] * (frozen.width - 1))
    blocks = [dataclasses.replace(block, second=block.second * keep[..., None, :]) for block in frozen.blocks]
    return Transformer(tuple(blocks), frozen.out)


def other_first_layer(maker: Maker, frozen: Transformer, law: str) -> Transformer:
    """The frozen model with another W_1 in its first block, so that W_1 W_V changes by a matrix with a plain SVD.

    That is W_1 + E W_V^{-1} for a diagonal E of full rank; for weights with one entry in each row and column, -W_1 too.
    """
    D, block = frozen.width, frozen.blocks[0]
    if law in MONOMIAL and maker.generator.integers(0, 2):
        first = -block.first
    else:
        signs = maker.constants(maker.generator.integers(0, 2, D) * 2 - 1)
        sizes = maker.constants(maker.generator.integers(1, 4, D)) * signs
        E = sizes[..., None, :] * maker.constants(np.eye(D, dtype=int))
        first = block.first + maker.solve(block.values[..., 0, :, :].mT, E.mT).mT
    return Transformer((dataclasses.replace(block, first=first), *frozen.blocks[1:]), frozen.out)


def misprint(maker: Maker, heads: int, X: Array) -> TransformerCase:
    """Two blocks of identities, D = 2, W_2 = -I: Assumptions 3 and 4 print what differs from the aligned by a sign.

    In block 2 the scores are P and the target's N, with N - P = A and, as printed, -N - P = B.  Then P + LR_1(A) is
    singular, for A = diag(a, b) with a >= b, when det(diag(a, -b) - B) = 0, which is solved for a.
    """
    g = maker.generator
    exact = maker.count is None
    while True:
        d = SVD(maker.orthogonal(2, dense=True), maker.values(2, 2), maker.orthogonal(2, dense=True))
        B = d.matrix
        b = maker.constants([1]) * (int(g.integers(1, 3)) if exact else float(g.uniform(0.5, 1.5)))
        b = b[..., 0]
        with np.errstate(all="ignore"):
            below = b + B[..., 1, 1]
            if exact and below == 0:
                continue
            a = (b * B[..., 0, 0] + B[..., 0, 0] * B[..., 1, 1] - B[..., 0, 1] * B[..., 1, 0]) / below
        if not exact or a >= b:
            break
    A = maker.constants([[0, 0], [0, 0]])
    A[..., 0, 0], A[..., 1, 1] = a, b
    one = maker.constants([[1, 0], [0, 1]])
    none = maker.constants([0, 0])
    H = max(heads, 1)

    def block(score: Array, value: Array, second: Array) -> Block:
        stack = stacked([one] * H)
        moved = stacked([score] * H), stacked([value] * H)
        return Block(stack, *moved, (stack,) if heads else (), one, second, none, none)

    frozen = Transformer((block(one, one, -one), block(-(A + B) / 2, one, one)), one)
    target = Transformer((block(one, one, one), block((A - B) / 2, -one, one)), one)
    return TransformerCase(frozen, target, 1, X, none, (d,))


def units_turned(maker: Maker, frozen: Transformer) -> Transformer:
    """The frozen model with the hidden units of its last block rescaled, all by other factors, and renumbered.

    S is positive, with entries 2, 3 and 1/2 at least once each where there is room.
    """
    D, last = frozen.width, frozen.blocks[-1]
    g = maker.generator
    order = [int(i) for i in g.permutation(D)] if g.integers(0, 2) else list(range(D))
    doubled = maker.constants([[4, 6, 1, 8][i % 4] for i in range(D)])  # 2 S
    first = (doubled[..., :, None] * last.first[..., order, :]) / 2
    bias = (doubled * last.first_bias[..., order]) / 2
    second = (2 * last.second[..., order]) / doubled[..., None, :]
    return Transformer(
        (*frozen.blocks[:-1], dataclasses.replace(last, first=first, first_bias=bias, second=second)), frozen.out
    )


def scores_shared(maker: Maker, frozen: Transformer) -> tuple[Transformer, Transformer]:
    """The frozen model with one W_K and W_Q for all heads of a block, and a target that moves values between two heads.

    W_O W_V changes by E in the first head and by -E in the second, E diagonal with
    entries 2 and 3.
    """
    blocks, moved = [], []
    for block in frozen.blocks:
        same = [stacked([W[..., 0, :, :]] * frozen.heads) for W in (block.keys, block.queries)]
        E = maker.constants(np.diag(maker.generator.integers(2, 4, frozen.width)))
        one, two, *others = (block.values[..., h, :, :] for h in range(frozen.heads))
        O = block.outputs[0]
        values = [one + maker.solve(O[..., 0, :, :], E), two - maker.solve(O[..., 1, :, :], E), *others]
        blocks.append(dataclasses.replace(block, keys=same[0], queries=same[1]))
        moved.append(dataclasses.replace(blocks[-1], values=stacked(values)))
    return Transformer(tuple(blocks), frozen.out), Transformer(tuple(moved), frozen.out)


def signs_changed(maker: Maker, frozen: Transformer) -> tuple[Transformer, Transformer]:
    """A model whose first two heads have opposite W_O W_V, and one with the signs of W_K and W_V changed in these two.

    On two tokens they are one function.
    """
    blocks, moved = [], []
    for block in frozen.blocks:
        O = block.outputs[0]
        first, _, *others = (block.values[..., h, :, :] for h in range(frozen.heads))
        opposite = -maker.solve(O[..., 1, :, :], O[..., 0, :, :] @ first)
        blocks.append(dataclasses.replace(block, values=stacked([first, opposite, *others])))
        signs = maker.constants([[[-1 if h < 2 else 1]] for h in range(frozen.heads)])
        moved.append(dataclasses.replace(blocks[-1], keys=block.keys * signs, values=blocks[-1].values * signs))
    return Transformer(tuple(blocks), frozen.out), Transformer(tuple(moved), frozen.out)
