"""Smaller Transformers: without a block, a head, a coordinate, a token, a LoRA-rank, or the decompositions."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from theorems.case import Array
from theorems.errors import InputError
from theorems.models.transformer import Block, Transformer, TransformerCase, TwinCase

Change = Callable[[Any], Any | None]


def smaller_transformers(case: Any) -> Iterator[Change]:
    """Changes that make a case of Transformers smaller or plainer; none for other cases.

    The models change alike.  What loses the decomposition that it needs does not convict (a matrix with one entry at
    most in each row and column needs none).
    """
    if not isinstance(case, TransformerCase | TwinCase):
        return
    one = case.frozen if isinstance(case, TransformerCase) else case.first
    models = _models(case)
    if isinstance(case, TransformerCase):
        yield _guarded(lambda c: dataclasses.replace(c, errors=()) if c.errors else None)
        yield _guarded(lambda c: dataclasses.replace(c, rank=1) if c.rank > 1 else None)
        yield _guarded(lambda c: dataclasses.replace(c, rank=c.rank - 1) if c.rank > 1 else None)
    yield from (_guarded(partial(_without_block, l=l)) for l in range(one.depth))
    yield from (_guarded(partial(_without_head, h=h)) for h in range(one.heads))
    yield from (_guarded(partial(_without_coordinate, i=i)) for i in range(one.width))
    yield _guarded(_with_fewer_tokens)
    yield _guarded(_plain_input)
    # Everything that a claim does not turn on: the biases, then one kind of matrix at a time, in one model or both.
    which: tuple[tuple[str, ...], ...] = (models, *((name,) for name in models))
    for names in which:
        yield _guarded(partial(_with_blocks, names=names, change=_without_biases))
        for role in ("keys", "queries", "values", "outputs", "first", "second"):
            yield _guarded(partial(_with_blocks, names=names, change=partial(_plain, role=role)))
        yield _guarded(partial(_with_plain_out, names=names))


def _models(case: TransformerCase | TwinCase) -> tuple[str, str]:
    return ("frozen", "target") if isinstance(case, TransformerCase) else ("first", "second")


def _guarded(change: Change) -> Change:
    """The change, or None where the case that it gives is no case."""

    def attempt(case: Any) -> Any | None:
        try:
            return change(case)
        except (InputError, IndexError):
            return None

    return attempt


def _each_model(case: Any, change: Callable[[Transformer], Transformer], names: tuple[str, ...] = ()) -> dict[str, Any]:
    return {name: change(getattr(case, name)) for name in names or _models(case)}


def _without_block(case: Any, l: int) -> Any | None:
    return dataclasses.replace(
        case, **_each_model(case, lambda m: Transformer((*m.blocks[:l], *m.blocks[l + 1 :]), m.out))
    )


def _without_head(case: Any, h: int) -> Any | None:
    def fewer(block: Block) -> Block:
        keep = [i for i in range(block.heads) if i != h]
        if len(keep) == block.heads:
            raise IndexError(h)
        heads: dict[str, Any] = {name: getattr(block, name)[keep] for name in ("keys", "queries", "values")}
        heads["outputs"] = tuple(O[keep] for O in block.outputs)
        return dataclasses.replace(block, **heads)

    return _with_blocks(case, names=(), change=fewer)


def _without_coordinate(case: Any, i: int) -> Any | None:
    D = case.X.shape[-2]
    if not i < D or D < 2:
        return None
    keep = [j for j in range(D) if j != i]

    def cut(W: Array) -> Array:
        return W[..., keep, :][..., keep]

    def smaller(block: Block) -> Block:
        changes: dict[str, Any] = {
            name: cut(getattr(block, name)) for name in ("keys", "queries", "values", "first", "second")
        }
        changes |= {name: getattr(block, name)[keep] for name in ("first_bias", "second_bias")}
        changes["outputs"] = tuple(cut(O) for O in block.outputs)
        return dataclasses.replace(block, **changes)

    def whole(model: Transformer) -> Transformer:
        return Transformer(tuple(smaller(block) for block in model.blocks), cut(model.out))

    changes = {**_each_model(case, whole), "X": case.X[keep]}
    if isinstance(case, TransformerCase):
        changes |= {"shift": case.shift[keep], "rank": min(case.rank, D - 1), "errors": ()}
    return dataclasses.replace(case, **changes)


def _with_fewer_tokens(case: Any) -> Any | None:
    return dataclasses.replace(case, X=case.X[:, :-1]) if case.tokens > 1 else None


def _plain_input(case: Any) -> Any | None:
    return dataclasses.replace(case, X=case.X * 0)


def _with_blocks(case: Any, names: tuple[str, ...], change: Callable[[Block], Block]) -> Any | None:
    def every(model: Transformer) -> Transformer:
        return Transformer(tuple(change(block) for block in model.blocks), model.out)

    return dataclasses.replace(case, **_each_model(case, every, names))


def _without_biases(block: Block) -> Block:
    return dataclasses.replace(block, first_bias=block.first_bias * 0, second_bias=block.second_bias * 0)


def _plain(block: Block, role: str) -> Block:
    """The identity for all matrices of one role."""
    value = getattr(block, role)
    if role == "outputs":
        return dataclasses.replace(block, outputs=tuple(_identity_like(O) for O in value))
    plain: dict[str, Any] = {role: _identity_like(value)}
    return dataclasses.replace(block, **plain)


def _identity_like(W: Array) -> Array:
    same = W * 0
    for i in range(W.shape[-1]):
        same[..., i, i] = same[..., i, i] + 1
    return same


def _with_plain_out(case: Any, names: tuple[str, ...]) -> Any | None:
    return dataclasses.replace(case, **_each_model(case, lambda m: Transformer(m.blocks, _identity_like(m.out)), names))
