"""Heads narrower than the tokens, frozen and target: recipes of `NarrowHeadCase`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from hypothesis import strategies as st

from theorems.case import Array, fractions
from theorems.domains import AS_DRAWN, Domain
from theorems.models.heads import NarrowHeadCase
from theorems.strategies.recipes import PlainArrays, Recipe, chosen, entry_size, generator_of, require_interval

#: What of the target differs from the frozen head.
MOVES = ("rows", "columns", "both", "within")


@dataclass(frozen=True)
class NarrowHeadRecipe(PlainArrays):
    """A d x D head and a target that moves the rows of `lower`, the columns of `upper`, both, or neither's span."""

    move: str
    width: int  # d
    dimension: int  # D
    rank: int
    seed: int = 0
    domain: Domain = field(default=AS_DRAWN, repr=False, compare=False)

    @property
    def stratum(self) -> str:
        return f"{self.move} moved, {'R < d' if self.rank < self.width else 'R >= d'}"

    @property
    def size(self) -> tuple[int, ...]:
        return (self.dimension, self.width, self.rank)

    def batch(self, count: int) -> NarrowHeadCase:
        g = generator_of(self.seed, 0)
        return self._made([g.standard_normal((count, *shape)) for shape in self._shapes])

    def exact(self, index: int = 0) -> NarrowHeadCase:
        g = generator_of(self.seed, 1, index)
        size = entry_size(index)
        return self._made([fractions(g.integers(-size, size + 1, shape)) for shape in self._shapes])

    @property
    def _shapes(self) -> list[tuple[int, int]]:
        d, D = self.width, self.dimension
        return [(d, D), (D, d), (d, D), (D, d), (d, d)]

    def _made(self, drawn: list[Array]) -> NarrowHeadCase:
        lower, upper, other_lower, other_upper, middle = drawn
        if self.move == "within":
            return NarrowHeadCase(lower, upper, middle @ lower, upper, self.rank)
        rows, columns = self.move in ("rows", "both"), self.move in ("columns", "both")
        return NarrowHeadCase(
            lower, upper, other_lower if rows else lower, other_upper if columns else upper, self.rank
        )


@st.composite
def _heads(
    draw: st.DrawFn, widths: tuple[int, int], dimensions: tuple[int, int], moves: tuple[str, ...], full: bool
) -> NarrowHeadRecipe:
    move = draw(st.sampled_from(moves))
    d = draw(st.integers(*widths))
    D = draw(st.integers(max(dimensions[0], d), max(dimensions[1], d)))
    gap = min(2 * d, D) if move == "both" else d
    R = draw(st.integers(d, D)) if full else max(-(-gap // 2), 1)
    return NarrowHeadRecipe(move, d, D, R, draw(st.integers(0, 2**32 - 1)))


def narrow_heads(
    *,
    min_width: int = 1,
    max_width: int = 3,
    min_dimension: int = 1,
    max_dimension: int = 6,
    moves: Collection[str] | None = None,
    full: bool = False,
) -> st.SearchStrategy[Recipe[NarrowHeadCase]]:
    """Recipes of `NarrowHeadCase`: heads of width d in D dimensions, with R at half the rank of the gap.

    moves  names of `MOVES`, all by default
    full   LoRA-ranks from d up instead

    Shrinks to 1 x 1 heads.
    """
    require_interval(min_width, max_width, name="width")
    require_interval(min_dimension, max_dimension, name="dimension")
    names = tuple(chosen(moves, MOVES, name="moves"))
    return _heads((min_width, max_width), (min_dimension, max_dimension), names, full)
