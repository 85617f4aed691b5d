"""Recipes whose members are dear: a few exact cases, and batches of as many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

import numpy as np
from numpy.random import Generator

from theorems.case import arrays, floats, map_arrays
from theorems.strategies.recipes import entry_size, generator_of

C = TypeVar("C")


def stacked(cases: Sequence[C]) -> C:
    """Exact cases of one structure as a batch of floats."""
    converted = [floats(case) for case in cases]
    leaves = iter([np.stack(group) for group in zip(*map(arrays, converted), strict=True)])
    return map_arrays(converted[0], lambda array: next(leaves))


class Repeating(Generic[C]):
    """The `batch` and `exact` of a recipe that can make one exact case, `_case`, with entries up to a size.

    members, largest  how many cases a batch holds at most, and how large their entries are
    """

    members: ClassVar[int] = 8
    largest: ClassVar[int] = 3
    seed: int

    def batch(self, count: int) -> C:
        generator = generator_of(self.seed, 0)
        return stacked([self._case(generator, self.largest) for _ in range(min(count, self.members))])

    def exact(self, index: int = 0) -> C:
        return self._case(generator_of(self.seed, 1, index), entry_size(index))

    def _case(self, generator: Generator, size: int) -> C:
        raise NotImplementedError
