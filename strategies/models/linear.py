"""Frozen linear models, errors with known SVDs, ranks and competitors: recipes of `LinearCase`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from numpy.random import Generator

from theorems.case import Array, member
from theorems.domains import ANY, AS_DRAWN, Domain, Is, Rule, Within
from theorems.models.linear import LinearCase, LinearModel, product
from theorems.strategies.laws import LAWS, Floats, ill_conditioned, powers_of_ten
from theorems.strategies.models.competitors import COMPETITORS, competing, competing_exactly
from theorems.strategies.models.errors import ERRORS, exact_error
from theorems.strategies.models.nearby import nearby_linear_case
from theorems.strategies.rational import RATIONAL_LAWS, identity, made_nonsingular
from theorems.strategies.recipes import (
    PlainArrays,
    Recipe,
    chosen,
    entry_size,
    generator_of,
    require_choice,
    require_interval,
)
from theorems.strategies.spectra import SPECTRA, rational_spectrum

#: A model with more layers than this is in a stratum of its own.
DEEP = 3
#: Significant binary digits of exact cases that are rounded from floats.
ROUNDED_BITS = 12
#: A multiple of the numbers of spectra that a stratum has (1, 3, 4, 16), so that each is drawn as often.
SPECTRUM_DRAWS = 48


@dataclass(frozen=True)
class Stratum:
    """A kind of linear case: the law of the weights, how the error is made, and the spectra it may have."""

    name: str
    weights: str
    error: str
    spectra: tuple[str, ...]


_PLAIN = ("distinct", "geometric", "power law")
_ALL = tuple(SPECTRA)

#: The strata by name, the simplest first; in all but `EDGES` the hypotheses of Lemma 9 are met almost surely.
STRATA: dict[str, Stratum] = {
    stratum.name: stratum
    for stratum in (
        Stratum("identity weights", "identity", "diagonal", _ALL),
        Stratum("gaussian", "gaussian", "any directions", _PLAIN),
        Stratum("unimodular weights", "unimodular", "any directions", _ALL),
        Stratum("ties in sigma", "gaussian", "any directions", ("tie at the cut", "tied", "all equal")),
        Stratum("rank at the threshold", "gaussian", "any directions",
                ("rank at the cut", "rank above the cut", "rank below the cut")),
        Stratum("rank drop", "gaussian", "any directions", ("rank drop", "rank one", "zero")),
        Stratum("uneven spectra", "gaussian", "any directions",
                ("one dominant", "tiny gap at the cut", "tiny tail", "clustered")),
        Stratum("permutation weights", "permutation", "any directions", _ALL),
        Stratum("orthogonal weights", "orthogonal", "any directions", _ALL),
        Stratum("triangular weights", "triangular", "any directions", _ALL),
        Stratum("near-identity weights", "near-identity", "diagonal", _ALL),
        Stratum("Xavier weights, gaussian target", "Xavier uniform", "gaussian target", ("distinct",)),
        Stratum("ill-conditioned weights", "ill-conditioned", "any directions", _ALL),
        Stratum("scaled weights", "scaled", "any directions", _ALL),
        Stratum("near over- and underflow", "extreme", "any directions", _PLAIN),
        Stratum("nearly singular partial sum", "gaussian", "nearly singular sum", ("distinct",)),
        Stratum("nearly singular weight", "near-singular", "any directions", _PLAIN),
        Stratum("singular partial sum", "gaussian", "singular sum", ("distinct",)),
        Stratum("zero target", "gaussian", "zero target", ("distinct",)),
        Stratum("singular weight", "singular", "any directions", _PLAIN),
    )
}  # fmt: skip

#: Strata that promise nothing of the weights and the error beyond their sizes.
STRATA_OF_ANY = ("gaussian", "ill-conditioned weights", "scaled weights", "near over- and underflow")

#: Strata that violate a hypothesis of Lemma 9 (in floats: up to rounding): they show what it is needed for.
EDGES = ("nearly singular weight", "singular partial sum", "zero target", "singular weight")


@dataclass(frozen=True)
class LinearRecipe(PlainArrays):
    """Linear cases of one stratum, spectrum and kind of competitor."""

    law: str
    spectrum: str
    competitor: str
    dimension: int
    ranks: tuple[int, ...]
    seed: int = 0
    domain: Domain = field(default=ANY, repr=False, compare=False)

    @property
    def stratum(self) -> str:
        return f"deep, {self.law}" if self.depth > DEEP else self.law

    @property
    def depth(self) -> int:
        """L."""
        return len(self.ranks)

    @property
    def size(self) -> tuple[int, ...]:
        return (self.dimension, self.depth, sum(self.ranks))

    def batch(self, count: int) -> LinearCase:
        generator = generator_of(self.seed, 0)
        plan = STRATA[self.law]
        weights, scale = _float_weights(generator, plan.weights, count, self.dimension, self.depth)
        s = SPECTRA[self.spectrum](generator, count, self.dimension, sum(self.ranks))
        s *= scale * powers_of_ten(generator, count, -1.5, 1.0)[:, 0]
        P = product(weights) if plan.error not in ("any directions", "diagonal") else weights[0]  # only where used
        error = ERRORS[plan.error](generator, P, s, self._partial_rank(generator))
        competitor = competing(generator, self.competitor, weights, error, self.ranks)
        return LinearCase(LinearModel(tuple(weights)), error, self.ranks, competitor)

    def exact(self, index: int = 0) -> LinearCase:
        plan = STRATA[self.law]
        if plan.error == "gaussian target":  # its SVD is not rational: a float case, rounded
            return nearby_linear_case(member(self.batch(index + 1), index), ROUNDED_BITS)
        generator = generator_of(self.seed, 1, index)
        D, size = self.dimension, entry_size(index)
        weights, scale = _exact_weights(generator, plan.weights, D, self.depth, size)
        s = rational_spectrum(generator, self.spectrum, D, sum(self.ranks), size=size) * scale
        rank = self._partial_rank(generator)
        weights, error = exact_error(generator, plan.error, weights, s, rank, size=min(index, 4))
        competitor = competing_exactly(generator, self.competitor, weights, error, self.ranks, size=size)
        return LinearCase(LinearModel(tuple(weights)), error, self.ranks, competitor)

    def _partial_rank(self, generator: Generator) -> int:
        """An r from 1 to R_1 + ... + R_{L-1}, the range of the hypothesis on P + LR_r(E); or all of R_1 + ... + R_L."""
        r = int(generator.integers(1, max(sum(self.ranks[:-1]), 1) + 1))
        return r if generator.integers(0, 4) else max(sum(self.ranks), 1)


def _float_weights(generator: Generator, law: str, count: int, D: int, L: int) -> tuple[list[Floats], Floats | float]:
    """The weights, and the size of their product where the law changes it by powers of ten."""
    unit = 1.0 / np.sqrt(D)
    if law == "identity":
        return [np.broadcast_to(np.eye(D), (count, D, D)).copy() for _ in range(L)], 1.0
    if law == "ill-conditioned":  # a product of condition 1e10 at most
        return [ill_conditioned(generator, count, D, D, exponent=10.0 / L) for _ in range(L)], 1.0
    if law in LAWS and law != "near-singular":
        factor = unit if law == "gaussian" else 1.0
        weights = [LAWS[law](generator, count, D, D) for _ in range(L)]
        if factor != 1.0:
            for W in weights:
                W *= factor
        return weights, 1.0
    weights = [LAWS["gaussian"](generator, count, D, D) * unit for _ in range(L)]
    special = int(generator.integers(0, L))
    if law == "near-singular":
        weights[special] = LAWS["near-singular"](generator, count, D, D)
        return weights, 1.0
    if law == "singular":
        weights[special] = LAWS["rank drop"](generator, count, D, D)
        return weights, 1.0
    bound = 6.0 if law == "scaled" else 140.0
    factors = [powers_of_ten(generator, count, -bound, bound) for _ in range(L if law == "scaled" else 1)]
    for layer, power in enumerate(factors):
        weights[layer] *= power
    return weights, np.prod(np.concatenate(factors, axis=-1), axis=-1)


def _exact_weights(generator: Generator, law: str, D: int, L: int, size: int) -> tuple[list[Array], Fraction]:
    """One list of exact weights, non-singular but for the law "singular", and the size of their product."""
    if law == "identity":
        return [identity(D) for _ in range(L)], Fraction(1)
    if law in RATIONAL_LAWS and law != "near-singular":
        return [made_nonsingular(RATIONAL_LAWS[law](generator, D, D, size)) for _ in range(L)], Fraction(1)
    weights = [made_nonsingular(RATIONAL_LAWS["gaussian"](generator, D, D, size)) for _ in range(L)]
    special = int(generator.integers(0, L))
    if law == "near-singular":
        weights[special] = RATIONAL_LAWS["near-singular"](generator, D, D, size)
        return weights, Fraction(1)
    if law == "singular":
        weights[special] = RATIONAL_LAWS["rank drop"](generator, D, D, size)
        return weights, Fraction(1)
    bound = 6 if law == "scaled" else 140
    scale = Fraction(1)
    for layer in range(L if law == "scaled" else 1):
        power = Fraction(10) ** int(generator.integers(-bound, bound + 1))
        weights[layer], scale = weights[layer] * power, scale * power
    return weights, scale


def require_model(dimensions: tuple[int, int], depths: tuple[int, int], ranks: str, min_rank: int) -> None:
    """Raises `InvalidArgument` unless there are models with these bounds."""
    require_interval(*dimensions, name="dimension")
    require_interval(*depths, name="depth")
    require_choice(ranks, ("uniform", "per-layer"), name="ranks")
    require_interval(min_rank, max(min_rank, 0), name="rank", least=0)
    if min_rank > dimensions[0]:
        raise InvalidArgument(
            f"min_rank={min_rank} exceeds min_dimension={dimensions[0]}, and a layer of that width has no such rank: "
            "raise min_dimension or lower min_rank"
        )


def draw_ranks(draw: st.DrawFn, D: int, L: int, kind: str, min_rank: int) -> tuple[int, ...]:
    """LoRA-ranks for L layers of width D: one for all ("uniform") or one each ("per-layer").

    Every second time they are small, so that R_1 + ... + R_L falls short of D and something is left to err.
    """
    small = (D - 1) // L if kind == "uniform" else 1 + D // (2 * L)
    top = D if draw(st.booleans()) else max(1, min(D, small))
    rank = st.integers(min_rank, max(top, min_rank))
    return (draw(rank),) * L if kind == "uniform" else tuple(draw(rank) for _ in range(L))


def linear_cases(
    *,
    min_dimension: int = 1,
    max_dimension: int = 4,
    min_depth: int = 1,
    max_depth: int = 3,
    ranks: str = "uniform",
    min_rank: int = 1,
    strata: Collection[str] | None = None,
    competitors: Collection[str] | None = None,
) -> st.SearchStrategy[Recipe[LinearCase]]:
    """Recipes of `LinearCase`: D x D weights W_1, ..., W_L with D and L between the bounds.

    ranks        "uniform": R in 1..D, one for all layers; "per-layer": R_1, ..., R_L, each up to D
    min_rank     the least rank of a layer, 0 allowed
    strata       names of `STRATA`, all by default; models deeper than 3 layers count in strata of their own
    competitors  names of `competitors.COMPETITORS`, all by default

    Spectra of the error sit at, one beside and away from rank(E) = R_1 + ... + R_L.  Most instances meet the hypotheses
    of Lemma 9; those of `EDGES` violate one of them.

    Shrinks to one layer of the 1 x 1 identity with a zero competitor.
    """
    require_model((min_dimension, max_dimension), (min_depth, max_depth), ranks, min_rank)
    domain = of_models((min_dimension, max_dimension), (min_depth, max_depth), ranks, min_rank)
    if competitors is not None or not (strata is None or set(strata) <= set(STRATA_OF_ANY)):
        domain += AS_DRAWN
    return _linear_cases(
        (min_dimension, max_dimension), (min_depth, max_depth), ranks, min_rank,
        tuple(chosen(strata, STRATA, name="strata")), tuple(chosen(competitors, COMPETITORS, name="competitors")),
        domain,
    )  # fmt: skip


def of_models(dimensions: tuple[int, int], depths: tuple[int, int], ranks: str, min_rank: int) -> Domain:
    """The sizes that a strategy of linear models promises."""
    rules: list[Rule] = [Within("D", *dimensions), Within("L", *depths), Within("ranks", min_rank, dimensions[1])]
    return Domain((*rules, *([Is("ranks", "all equal")] if ranks == "uniform" else [])))


@st.composite
def _linear_cases(
    draw: st.DrawFn,
    dimensions: tuple[int, int],
    depths: tuple[int, int],
    ranks: str,
    min_rank: int,
    strata: tuple[str, ...],
    competitors: tuple[str, ...],
    domain: Domain,
) -> Recipe[LinearCase]:
    D, L = draw(st.integers(*dimensions)), draw(st.integers(*depths))
    law = draw(st.sampled_from(strata))
    # One draw whatever the stratum, or shrinking would prefer strata with a single spectrum: they need no choice.
    spectra = STRATA[law].spectra
    spectrum = spectra[draw(st.integers(0, SPECTRUM_DRAWS - 1)) % len(spectra)]
    return LinearRecipe(
        law=law,
        spectrum=spectrum,
        competitor=draw(st.sampled_from(competitors)),
        dimension=D,
        ranks=draw_ranks(draw, D, L, ranks, min_rank),
        seed=draw(st.integers(0, 2**32 - 1)),
        domain=domain,
    )
