"""ReLU networks, a linear case for each target layer, with biases, inputs and partitions: recipes of
`NetworkCase`."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from numpy.random import Generator

from theorems.case import Array, fractions
from theorems.domains import ANY, Domain, Is, Rule, Within
from theorems.models.linear import LinearCase
from theorems.models.relu import Inputs, NetworkCase, ReluNetwork, uniform_partition
from theorems.strategies.models.linear import EDGES, STRATA, LinearRecipe
from theorems.strategies.models.pretrained import RealRecipe, TrainedRecipe
from theorems.strategies.recipes import (
    PlainArrays,
    Recipe,
    chosen,
    entry_size,
    generator_of,
    require_choice,
    require_interval,
)

#: Where the units of the target are active, the simplest first: "always active" ones stay so for all inputs, by far.
TARGETS = ("no biases", "always active", "dead", "dead and active", "random biases")
#: How the support lies, the simplest first.
SUPPORTS = ("axes", "centre and axes", "one point", "small integers", "gaussian", "non-negative", "on a line")
#: By what the support is thickened.
SETS = ("points", "box", "ball", "box and ball")
#: Frozen models by name: those of `linear.STRATA`, trained in process, and blocks of real weights.
FROZEN_MODELS = (*(name for name in STRATA if name not in EDGES), "pretrained in process", "silero gates")
#: A multiple of the numbers of spectra that a stratum has.
SPECTRUM_DRAWS = 48


@dataclass(frozen=True)
class NetworkRecipe(PlainArrays):
    """Networks whose blocks are linear cases: their weights and the SVDs of their errors.

    blocks   one recipe for each target layer, of the depth of its block
    ranks    the LoRA-ranks of all layers
    target   a name of `TARGETS`
    support  a name of `SUPPORTS`
    points   how many, where the support does not say it
    around   a name of `SETS`
    """

    blocks: tuple[Recipe[LinearCase], ...]
    depths: tuple[int, ...]
    ranks: tuple[int, ...]
    target: str
    support: str
    points: int = 2
    around: str = "points"
    seed: int = 0
    domain: Domain = field(default=ANY, repr=False, compare=False)

    @property
    def stratum(self) -> str:
        marks = [self.target]
        if self.dimension == 1:
            marks.append("D = 1")
        if self.longer_last_block:
            marks.append("longer last block")
        return ", ".join([*marks, self.blocks[0].stratum])

    @property
    def longer_last_block(self) -> bool:
        """Whether the partition is the uniform one, and L-bar does not divide L."""
        L, count = len(self.ranks), len(self.depths)
        return L % count > 0 and self.partition == uniform_partition(L, count)

    @property
    def size(self) -> tuple[int, ...]:
        return (self.dimension, len(self.ranks), len(self.depths), sum(self.ranks))

    @property
    def dimension(self) -> int:
        """D."""
        return self.blocks[0].size[0]

    @property
    def partition(self) -> tuple[tuple[int, ...], ...]:
        """P_1, ..., P_{L-bar}."""
        ends = np.cumsum([0, *self.depths]).tolist()
        return tuple(tuple(range(a + 1, b + 1)) for a, b in itertools.pairwise(ends))

    def batch(self, count: int) -> NetworkCase:
        generator = generator_of(self.seed, 0)
        return self._case(generator, [block.batch(count) for block in self.blocks], count, 3)

    def exact(self, index: int = 0) -> NetworkCase:
        generator = generator_of(self.seed, 1, index)
        return self._case(generator, [block.exact(index) for block in self.blocks], None, entry_size(index))

    def _case(self, generator: Generator, blocks: Sequence[LinearCase], count: int | None, size: int) -> NetworkCase:
        points = _points(generator, self.support, count, self.points, self.dimension, size)
        weights = _probabilities(generator, points.shape[-2], count, "axes" in self.support)
        box, ball = _thickness(generator, self.around, count, self.dimension)
        inputs = Inputs(points, weights, box, ball)
        low, high = points.min(-2) - box - ball, points.max(-2) + box + ball
        biases = []
        for block in blocks:
            with np.errstate(all="ignore"):
                bias, low, high = _bias(generator, self.target, block.target, low, high, size)
            if count is not None:  # near overflow, nothing can be made active
                bias, low, high = (
                    np.nan_to_num(leaf, nan=0.0, posinf=1e150, neginf=-1e150) for leaf in (bias, low, high)
                )
            biases.append(bias)
        layers = tuple(W for block in blocks for W in block.frozen.weights)
        frozen = ReluNetwork(layers, tuple(W[..., 0] * 0 for W in layers))
        errors = tuple(block.error for block in blocks)
        return NetworkCase(frozen, errors, tuple(biases), self.partition, self.ranks, inputs)


def _like(values: Any, count: int | None) -> Array:
    """Small numbers as float64 (for a batch) or Fractions (count None)."""
    return fractions(np.asarray(values)) if count is None else np.asarray(values, dtype=np.float64)


def _points(generator: Generator, law: str, count: int | None, K: int, D: int, size: int) -> Array:
    """The support, (K, D) or (count, K, D)."""
    lead = () if count is None else (count,)
    if "axes" in law:
        axes = np.stack([sign * row for row in np.eye(D, dtype=np.int64) for sign in (1, -1)])
        if law == "centre and axes":
            axes = np.concatenate([np.zeros((1, D), dtype=np.int64), axes])
        scale = generator.integers(1, 1 + size, (*lead, 1, 1))
        return _like(axes * scale, count)
    if law == "one point":
        K = 1
    if law == "gaussian" and count is not None:
        return np.asarray(generator.standard_normal((count, K, D)))
    x = generator.integers(-size, size + 1, (*lead, K, D))
    if law == "non-negative":
        x = np.abs(x)
    if law == "on a line":
        x = x[..., :, :1] * x[..., :1, :]
    return _like(x, count)


def _probabilities(generator: Generator, K: int, count: int | None, uniform: bool) -> Array:
    """Uniform ones, or multiples of 1/64 with sum one (which floats add up exactly)."""
    if uniform or K > 16 or generator.integers(0, 3) == 0:
        weights = [Fraction(1, K)] * K
    else:
        weights = [Fraction(int(share), 64) for share in 1 + generator.multinomial(64 - K, np.full(K, 1.0 / K))]
    # the same for all members: a search that moves what varies leaves them alone
    exact = fractions(np.array(weights, dtype=object))
    return exact if count is None else np.tile(np.array(weights, dtype=np.float64), (count, 1))


def _thickness(generator: Generator, around: str, count: int | None, D: int) -> tuple[Array, Array]:
    lead = () if count is None else (count,)
    box = generator.integers(1, 3, (*lead, D)) * ("box" in around)
    ball = generator.integers(1, 3, (*lead, 1)) * ("ball" in around)
    return _like(box, count), _like(ball, count)


def _bias(
    generator: Generator, target: str, A: Array, low: Array, high: Array, size: int
) -> tuple[Array, Array, Array]:
    """A bias of the target layer ReLU(A z + b), and bounds of its output."""
    count = None if A.dtype == object else len(A)
    middle, reach = (A @ ((low + high)[..., None] / 2))[..., 0], (abs(A) @ ((high - low)[..., None] / 2))[..., 0]
    level = abs(middle) + reach
    if target == "no biases":
        bias = level * 0
    elif target == "random biases":
        bias = level * 0 + _like(generator.integers(-size, size + 1, level.shape), count)
    else:
        sign = {"always active": 1, "dead": -1}.get(target, 0)
        signs = np.full(level.shape, sign) if sign else 2 * generator.integers(0, 2, level.shape) - 1
        far = _like(generator.choice([1, 4, 8]), None) if count is None else generator.choice([1.0, 4.0, 8.0])
        bias = (level * far + 1) * _like(signs, count)
    bias = np.asarray(bias)
    return bias, np.maximum(middle - reach + bias, 0 * bias), np.maximum(middle + reach + bias, 0 * bias)


# the strategy -------------------------------------------------------------------------------------------------------


def networks(
    *,
    min_dimension: int = 1,
    max_dimension: int = 3,
    min_target_depth: int = 1,
    max_target_depth: int = 3,
    min_block: int = 1,
    max_block: int = 2,
    partition: str = "uniform",
    ranks: str = "uniform",
    min_rank: int = 1,
    covering: bool = False,
    frozen: Collection[str] | None = None,
    targets: Collection[str] | None = None,
    supports: Collection[str] | None = None,
    around: Collection[str] | None = None,
) -> st.SearchStrategy[Recipe[NetworkCase]]:
    """Recipes of `NetworkCase`: D x D layers in blocks, a target layer for each, biases, a support and a bounded set.

    partition  "uniform": blocks of M = floor(L / L-bar) layers and a last one with up to L-bar - 1 more, M between
               the bounds of `block`; "general": blocks of any depth between these bounds
    ranks      "uniform": one R >= `min_rank`; "per-layer": R_1, ..., R_L
    covering   ranks that reach every target: R >= D / M, R_l >= D / |P_i| for ranks per layer, often with equality
    frozen     names of `FROZEN_MODELS`; targets, supports, around: of `TARGETS`, `SUPPORTS`, `SETS`; all by default

    Errors have their ranks at, beside and away from the sum of the ranks of a block.  Shrinks to one 1 x 1 layer,
    without biases, at +1 and -1.
    """
    require_interval(min_dimension, max_dimension, name="dimension")
    require_interval(min_target_depth, max_target_depth, name="target_depth")
    require_interval(min_block, max_block, name="block")
    require_choice(partition, ("uniform", "general"), name="partition")
    require_choice(ranks, ("uniform", "per-layer"), name="ranks")
    if not 0 <= min_rank <= min_dimension:
        raise InvalidArgument(
            f"min_rank={min_rank} is outside 0..{min_dimension}: a layer of that width has no such rank"
        )
    rules: list[Rule] = [
        Within("D", min_dimension, max_dimension), Within("L-bar", min_target_depth, max_target_depth),
        Within("ranks", min_rank, max_dimension), *([Is("ranks", "all equal")] if ranks == "uniform" else []),
        *([Is("partition", "uniform blocks")] if partition == "uniform" else []),
        Within("L", min_block * min_target_depth, None),
    ]  # fmt: skip
    chosen_laws = covering or any(names is not None for names in (frozen, targets, supports, around))
    domain = Domain(tuple(rules), as_drawn=chosen_laws or (min_block, max_block) != (1, 2))
    return _networks(
        domain, (min_dimension, max_dimension), (min_target_depth, max_target_depth), (min_block, max_block),
        partition, ranks, min_rank, covering,
        tuple(chosen(frozen, (*FROZEN_MODELS, *EDGES), name="frozen")) if frozen is not None else FROZEN_MODELS,
        tuple(chosen(targets, TARGETS, name="targets")),
        tuple(chosen(supports, SUPPORTS, name="supports")),
        tuple(chosen(around, SETS, name="around")),
    )  # fmt: skip


@st.composite
def _networks(
    draw: st.DrawFn,
    domain: Domain,
    dimensions: tuple[int, int],
    target_depths: tuple[int, int],
    block_depths: tuple[int, int],
    partition: str,
    kind: str,
    min_rank: int,
    covering: bool,
    frozen: tuple[str, ...],
    targets: tuple[str, ...],
    supports: tuple[str, ...],
    around: tuple[str, ...],
) -> Recipe[NetworkCase]:
    D, count = draw(st.integers(*dimensions)), draw(st.integers(*target_depths))
    if partition == "uniform":
        M = draw(st.integers(*block_depths))
        extra = draw(st.integers(0, count - 1)) if count > 1 and draw(st.booleans()) else 0
        depths = [len(block) for block in uniform_partition(M * count + extra, count)]
    else:
        depths = [draw(st.integers(*block_depths)) for _ in range(count)]
    ranks = _ranks(draw, D, depths, kind, min_rank, covering)
    law = draw(st.sampled_from(frozen))
    seed = draw(st.integers(0, 2**32 - 1))
    blocks: list[Recipe[LinearCase]] = []
    start = 0
    for i, depth in enumerate(depths):
        used = tuple(ranks[start : start + depth])
        blocks.append(_block(draw, law, D, used if partition == "general" else used[: depths[0]], depth, seed + 7 * i))
        start += depth
    return NetworkRecipe(
        blocks=tuple(blocks),
        depths=tuple(depths),
        ranks=tuple(ranks),
        target=draw(st.sampled_from(targets)),
        support=draw(st.sampled_from(supports)),
        points=draw(st.integers(1, 4)),
        around=draw(st.sampled_from(around)),
        seed=seed,
        domain=domain,
    )


def _ranks(draw: st.DrawFn, D: int, depths: list[int], kind: str, min_rank: int, covering: bool) -> list[int]:
    if covering:
        least = [-(-D // depth) for depth in depths for _ in range(depth)]
        if kind == "uniform":
            return [draw(st.integers(max(least), D))] * len(least)
        return [draw(st.integers(R, D)) for R in least]
    small = D if draw(st.booleans()) else max(1, (D - 1) // max(depths[0], 1))
    rank = st.integers(min_rank, max(small, min_rank))
    return [draw(rank)] * sum(depths) if kind == "uniform" else [draw(rank) for _ in range(sum(depths))]


def _block(draw: st.DrawFn, law: str, D: int, used: tuple[int, ...], depth: int, seed: int) -> Recipe[LinearCase]:
    """A linear case of that depth; the ranks of the first layers are zero where fewer are used."""
    ranks = (0,) * (depth - len(used)) + used
    number = draw(st.integers(0, SPECTRUM_DRAWS - 1))
    if law == "pretrained in process":
        return TrainedRecipe("zero", D, ranks, seed)
    if law == "silero gates":
        source, target = ("silero 8k", "silero 16k")[number % 2], ("sister", "other")[number % 3 == 0]
        return RealRecipe(source, target, "zero", D, ranks, 8, seed)
    spectra = STRATA[law].spectra
    return LinearRecipe(law, spectra[number % len(spectra)], "zero", D, ranks, seed)
