"""Transformer networks as Zeng and Lee define them (Section 3.1 and Appendix F.1), and the cases made of them.

No skip connections, no layer norms, square weights, column-wise softmax:

    Attn_l(Z) = sum_h W_O^h W_V^h Z softmax((W_K^h Z)^T W_Q^h Z)
    H_l       = ReLU(W_1 Attn_l(Z_{l-1}) + b_1 1^T)
    Z_l       = W_2 H_l + b_2 1^T,       Z_0 = X
    f(X)      = softmax(W_o Z_L)

The heads of a block are stacked in one array (..., H, D, D), so that a forward pass runs over instances, heads and
tokens at once.  The single-head model of Appendix F.1 has no W_O: its `outputs` is empty.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from theorems.case import SVD, Array
from theorems.errors import InputError
from theorems.models.linear import Adapter
from theorems.num import Num
from theorems.properties import Axes, Between

#: The matrices of a block that come one a head.
PER_HEAD = ("keys", "queries", "values", "outputs")


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise InputError(message)


@dataclass(frozen=True)
class Block:
    """One Transformer block.

    keys, queries, values  W_K, W_Q, W_V of all heads, (..., H, D, D) each
    outputs                (..., H, D, D) with W_O of all heads, in a tuple; empty in the single-head model
    first, second          W_1 and W_2, (..., D, D)
    first_bias, second_bias  b_1 and b_2, (..., D)
    """

    keys: Annotated[Array, Axes("H", "D", "D")]
    queries: Annotated[Array, Axes("H", "D", "D")]
    values: Annotated[Array, Axes("H", "D", "D")]
    outputs: Annotated[tuple[Array, ...], Axes("stacks", "H", "D", "D")]
    first: Annotated[Array, Axes("D", "D")]
    second: Annotated[Array, Axes("D", "D")]
    first_bias: Annotated[Array, Axes("D")]
    second_bias: Annotated[Array, Axes("D")]

    def __post_init__(self) -> None:
        _require(self.keys.ndim >= 3, f"W_K has the shape {self.keys.shape}: give one D x D matrix a head, (H, D, D)")
        H, D = int(self.keys.shape[-3]), int(self.keys.shape[-1])
        _require(H > 0 and D > 0, f"W_K has the shape {self.keys.shape}: a block has one head of width one at least")
        for name, heads in (("W_Q", self.queries), ("W_V", self.values), *(("W_O", O) for O in self.outputs)):
            count = heads.shape[-3] if heads.ndim >= 3 else 0
            _require(count == H, f"{name} has {count} heads and W_K has {H}: every head has one of each")
        for name, W in (("W_K", self.keys), ("W_Q", self.queries), ("W_V", self.values),
                        *(("W_O", O) for O in self.outputs), ("W_1", self.first), ("W_2", self.second)):  # fmt: skip
            _require(W.ndim >= 2 and W.shape[-2:] == (D, D), f"{name} has the shape {W.shape}: give {D} x {D} matrices")
        for name, b in (("b_1", self.first_bias), ("b_2", self.second_bias)):
            length = b.shape[-1] if b.ndim else 0
            _require(length == D, f"{name} has the length {length} and the weights are {D} x {D}: give {D} entries")
        _require(len(self.outputs) <= 1, f"there are {len(self.outputs)} stacks of W_O: give one, or none")
        _require(len(self.outputs) == 1 or H == 1, f"there are {H} heads and no W_O: only a single head does without")

    @property
    def heads(self) -> int:
        """H."""
        return int(self.keys.shape[-3])

    @property
    def scores(self) -> Array:
        """W_K^T W_Q of every head, (..., H, D, D)."""
        products: Array = self.keys.mT @ self.queries
        return products

    @property
    def carried(self) -> Array:
        """W_O W_V of every head (W_V where there is no W_O), (..., H, D, D)."""
        products: Array = self.outputs[0] @ self.values if self.outputs else self.values
        return products

    @property
    def transfers(self) -> Array:
        """W_1 W_O W_V of every head, (..., H, D, D)."""
        products: Array = self.first[..., None, :, :] @ self.carried
        return products

    def attention(self, Z: Array, num: Num) -> Array:
        """Attn(Z) for tokens in the columns of Z, (..., D, N)."""
        tokens = Z[..., None, :, :]
        weights = num.softmax((self.keys @ tokens).mT @ (self.queries @ tokens))
        by_head = self.values @ tokens @ weights
        if self.outputs:
            by_head = self.outputs[0] @ by_head
        total: Array = by_head.sum(-3)
        return total

    def hidden(self, Z: Array, num: Num) -> Array:
        """H = ReLU(W_1 Attn(Z) + b_1 1^T), (..., D, N)."""
        result: Array = num.relu(self.first @ self.attention(Z, num) + self.first_bias[..., :, None])
        return result

    def forward(self, Z: Array, num: Num) -> Array:
        """W_2 H + b_2 1^T, (..., D, N)."""
        result: Array = self.second @ self.hidden(Z, num) + self.second_bias[..., :, None]
        return result


@dataclass(frozen=True)
class Transformer:
    """TFN_{L,D}: L blocks of one width and one number of heads, and the output layer softmax(W_o .), `out` = W_o."""

    blocks: Annotated[tuple[Block, ...], Axes("L")]
    out: Annotated[Array, Axes("D", "D")]

    def __post_init__(self) -> None:
        _require(len(self.blocks) > 0, "a Transformer has no blocks: give at least one")
        D, H, kind = self.width, self.heads, len(self.blocks[0].outputs)
        for l, block in enumerate(self.blocks, 1):
            _require(block.heads == H, f"block {l} has {block.heads} heads and block 1 has {H}: give each as many")
            _require(block.keys.shape[-1] == D, f"block {l} has the width {block.keys.shape[-1]} and block 1 has {D}")
            _require(len(block.outputs) == kind, f"only one of block {l} and block 1 has W_O: all do or none")
        _require(
            self.out.ndim >= 2 and self.out.shape[-2:] == (D, D),
            f"W_o has the shape {self.out.shape}: it must be {D} x {D}",
        )

    @property
    def depth(self) -> int:
        """L."""
        return len(self.blocks)

    @property
    def width(self) -> int:
        """D."""
        return int(self.blocks[0].keys.shape[-1])

    @property
    def heads(self) -> int:
        """H."""
        return self.blocks[0].heads

    @property
    def has_projections(self) -> bool:
        """Whether its heads have W_O (the multi-head model of Section 3)."""
        return bool(self.blocks[0].outputs)

    def logits(self, X: Array, num: Num) -> Array:
        """W_o Z_L for tokens in the columns of X, (..., D, N)."""
        Z = X
        for block in self.blocks:
            Z = block.forward(Z, num)
        result: Array = self.out @ Z
        return result

    def forward(self, X: Array, num: Num) -> Array:
        """f(X) = softmax(W_o Z_L), (..., D, N)."""
        result: Array = num.softmax(self.logits(X, num))
        return result


def weights_by_name(model: Transformer) -> list[tuple[str, Array]]:
    """Every weight matrix (..., D, D) with its name, block and head, in the order of the network."""
    named: list[tuple[str, Array]] = []
    for l, block in enumerate(model.blocks, 1):
        stacks = [("W_K", block.keys), ("W_Q", block.queries), ("W_V", block.values)]
        stacks += [("W_O", O) for O in block.outputs]
        for name, stack in stacks:
            named += [(f"{name} of head {h + 1} in block {l}", stack[..., h, :, :]) for h in range(block.heads)]
        named += [(f"W_1 of block {l}", block.first), (f"W_2 of block {l}", block.second)]
    return [*named, ("W_o", model.out)]


@dataclass(frozen=True)
class BlockChange:
    """Low-rank adapters for one block, one a head in each list (empty: none), and the updated biases."""

    keys: Sequence[Adapter]
    queries: Sequence[Adapter]
    values: Sequence[Adapter]
    outputs: Sequence[Adapter]
    first: Sequence[Adapter]
    second: Sequence[Adapter]
    first_bias: Array
    second_bias: Array


@dataclass(frozen=True)
class Adaptation:
    """Low-rank adapters for a Transformer: `BlockChange` by block, and at most one adapter for W_o."""

    blocks: Sequence[BlockChange]
    out: Sequence[Adapter]

    @property
    def rank(self) -> int:
        """The largest rank that an adapter may have: the columns of its first factor."""
        adapters = list(self.out)
        for block in self.blocks:
            for name in (*PER_HEAD, "first", "second"):
                adapters += getattr(block, name)
        return max((int(adapter.A.shape[-2]) for adapter in adapters), default=0)

    def adapted(self, frozen: Transformer, num: Num) -> Transformer:
        """The adapted model: every weight W becomes W + Delta W, every bias its update."""
        blocks = []
        for block, change in zip(frozen.blocks, self.blocks, strict=True):
            moved: dict[str, Any] = {"first_bias": change.first_bias, "second_bias": change.second_bias}
            for name in ("keys", "queries", "values"):
                moved[name] = _with_heads(getattr(block, name), getattr(change, name), num)
            moved["outputs"] = tuple(_with_heads(O, change.outputs, num) for O in block.outputs)
            for name in ("first", "second"):
                moved[name] = _plus(getattr(block, name), getattr(change, name))
            blocks.append(dataclasses.replace(block, **moved))
        return Transformer(tuple(blocks), _plus(frozen.out, self.out))


def _plus(W: Array, adapters: Sequence[Adapter]) -> Array:
    for adapter in adapters:
        W = W + adapter.matrix
    return W


def _with_heads(stack: Array, adapters: Sequence[Adapter], num: Num) -> Array:
    if not adapters:
        return stack
    heads = [(stack[..., h, :, :] + adapter.matrix)[..., None, :, :] for h, adapter in enumerate(adapters)]
    result: Array = num.concatenate(heads, -3)
    return result


@dataclass(frozen=True)
class TransformerCase:
    """A frozen and a target Transformer of one shape, a LoRA-rank, and an input to run them on.

    frozen, target  the two models; equal D, L, H, both with or both without W_O
    rank            R, 1 <= R <= D
    X               tokens in columns, (..., D, N), N >= 1
    shift           (..., D): the multiple v of the row of ones by which the output layer is allowed to miss (zero but
                    where a claim says otherwise)
    errors          the SVDs of the differences that adapters must make up for, in any order; may be empty
    """

    frozen: Transformer
    target: Transformer
    rank: Annotated[int, Between(1, "D")]
    X: Annotated[Array, Axes("D", "N")]
    shift: Annotated[Array, Axes("D")]
    errors: Annotated[tuple[SVD, ...], Axes("differences", "D", "D")] = ()

    def __post_init__(self) -> None:
        _require_alike(self.frozen, self.target, "the frozen model", "the target")
        _require_tokens(self.X, self.frozen.width)
        D = self.frozen.width
        _require(1 <= self.rank <= D, f"the LoRA-rank R = {self.rank} is outside 1..{D}")
        length = self.shift.shape[-1] if self.shift.ndim else 0
        _require(length == D, f"the shift has the length {length} and the models the width {D}: give {D} entries")

    @property
    def tokens(self) -> int:
        """N."""
        return int(self.X.shape[-1])


@dataclass(frozen=True)
class TwinCase:
    """Two Transformers of one shape, any two, and an input to tell them apart with.

    first, second  the models; equal D, L, H, both with or both without W_O
    X              tokens in columns, (..., D, N), N >= 1
    """

    first: Transformer
    second: Transformer
    X: Annotated[Array, Axes("D", "N")]

    def __post_init__(self) -> None:
        _require_alike(self.first, self.second, "the first model", "the second")
        _require_tokens(self.X, self.first.width)

    @property
    def tokens(self) -> int:
        """N."""
        return int(self.X.shape[-1])


def _require_alike(one: Transformer, other: Transformer, first: str, second: str) -> None:
    for name, word in (("width", "of width"), ("depth", "blocks"), ("heads", "heads in a block")):
        a, b = getattr(one, name), getattr(other, name)
        _require(a == b, f"{first} and {second} must have one shape: {a} against {b} {word}")
    _require(one.has_projections == other.has_projections, f"only one of {first} and {second} has W_O: both do or none")


def _require_tokens(X: Array, D: int) -> None:
    _require(X.ndim >= 2 and X.shape[-2] == D, f"the input has the shape {X.shape}: give {D} rows, one column a token")
    _require(X.shape[-1] > 0, "the input has no tokens: give at least one column")
