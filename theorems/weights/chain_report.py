"""What the theorems say of a chain, and adapters that take the product of a linear chain to its tuned one."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import numpy as np

from theorems.adaptation.construction import ResidualWarning, adapters
from theorems.errors import InputError
from theorems.weights.certified import Spectrum, certified, scaled
from theorems.weights.chains import (
    Ball,
    Chain,
    SecondMoment,
    adapted_by,
    ball,
    plus,
    spectrum_of,
    theorem_5_bound,
    times,
)
from theorems.weights.changes import Changes, matrix_shape, sized, whole
from theorems.weights.factors import Factors, float32_factors
from theorems.weights.layers import Layer
from theorems.weights.least_rank import Wanted, least_rank
from theorems.weights.model_layers import BY_NAME, LINEAR, WEIGHT, Taken
from theorems.weights.rounding import Interval, frobenius_above, unscaled, up
from theorems.weights.stored import Floats, listed, open_checkpoint

METHOD, LAYER_BY_LAYER = "midpoint-flag", "layer by layer"


@dataclass(frozen=True)
class Reach:
    """LoRA-rank R in every layer: sigma_{RL+1}(E), and the bound of repaired Theorem 5 where it was asked for."""

    R: int
    least_error: Interval
    theorem_5: float | None


@dataclass(frozen=True)
class ChainReport:
    """Lemmas 9 and 10 for E = product of TUNED - product of BASE, and Theorem 5 for the layers one by one.

    least_singular  at least sigma_D(W_l) of the frozen layers
    rank            singular values of E above the rounding of the product;  rank_bounds  for certain
    exact_from      ceil(rank / L)
    chosen          the LoRA-rank given, or the smallest that does for the wanted error of the product
    """

    names: tuple[str, ...]
    width: int
    least_singular: tuple[float, ...]
    spectral_norm: Interval
    frobenius_norm: Interval
    rank: int
    rank_bounds: tuple[int, int]
    exact_from: int
    chosen: int
    reaches: tuple[Reach, ...]
    moment: SecondMoment | None
    biases: tuple[str, ...]

    @property
    def nonsingular(self) -> bool:
        """Whether all frozen layers are non-singular, for certain."""
        return all(low > 0 for low in self.least_singular)


def chain_report(
    chain: Chain,
    spectrum: Spectrum,
    wanted: Wanted | None,
    rank: int | None,
    layers: Mapping[str, Layer],
    biases: Mapping[str, float],
    moment: SecondMoment | None,
) -> ChainReport:
    """The report of a chain whose product changes by a matrix with this spectrum.

    layers   the changed layers of the chain, by name
    biases   at least the norm of the tuned bias of each layer of a ReLU network that has one
    moment   of its input; None for a linear chain
    """
    L, D = chain.depth, chain.width
    found = rank_of(spectrum)
    exact_from = -(-found // L)
    total = rank if rank is not None else -(-least_rank(spectrum, wanted)[1] // L) if wanted else exact_from
    chosen = min(total, D)
    ends = {exact_from, chosen}
    if moment is not None:  # layer by layer, the ranks of a chain do not add up
        ends.add(max((layers[name].rank for name in chain.names if name in layers), default=0))
    doubled = {1 << i for i in range(D.bit_length()) if 1 << i < max(ends)}
    reaches = []
    for R in sorted((doubled | ends) - {0}):
        bound = None
        if moment is not None:
            errors = [layers[name].spectral_above(R) if name in layers else 0.0 for name in chain.names]
            norms = [unscaled(up(frobenius_above(W.centre) + W.radius), W.exponent, upward=True) for W in chain.tuned]
            bound = theorem_5_bound(norms, [biases.get(name, 0.0) for name in chain.names], errors, moment)
        reaches.append(Reach(R, spectrum.least_spectral(R * L), bound))
    return ChainReport(
        chain.names, D, tuple(_least_singular(W) for W in chain.frozen), spectrum.least_spectral(0),
        spectrum.least_frobenius(0), found, spectrum.rank, exact_from, chosen, tuple(reaches), moment, tuple(biases),
    )  # fmt: skip


def rank_of(spectrum: Spectrum) -> int:
    """How many singular values exceed what rounding may have put there."""
    return int((spectrum.values > spectrum.radius).sum())


def _least_singular(W: Floats) -> float:
    spectrum = certified(scaled(W))
    return spectrum.least_spectral(len(spectrum.values) - 1).low


def tuned_biases(changes: Changes, names: Sequence[str]) -> dict[str, float]:
    """At least ||b||_2 for the tuned bias of each layer that has one: NAME.weight has NAME.bias."""
    norms: dict[str, float] = {}
    for name in names:
        bias = name.removesuffix("weight") + "bias"
        if name.endswith("weight") and bias in changes.tuned and len(changes.tuned[bias].shape) == 1:
            column = scaled(whole(changes.tuned[bias], bias).reshape(-1, 1))
            norms[name] = unscaled(frobenius_above(column.centre), column.exponent, upward=True)
    return norms


def second_moment(text: str, D: int) -> SecondMoment:
    """Sigma = E x x^T as "1.0" (that times the identity) or as a file with one D x D tensor.

    Raises `InputError` for a number that is not positive, and for a matrix that is no second moment.
    """
    try:
        size = float(text)
    except ValueError:
        return _stored_moment(text, D)
    if not 0 < size < math.inf:
        raise InputError(f"--second-moment {text}: give a positive number, or a .safetensors file with one matrix")
    return SecondMoment(up(size * math.sqrt(D)), up(size * D), f"{size:g} I")


def _stored_moment(text: str, D: int) -> SecondMoment:
    tensors = open_checkpoint(Path(text)).tensors
    name, tensor = next(iter(tensors.items()), ("", None))
    if len(tensors) != 1 or tensor is None or tensor.shape != (D, D):
        found = ", ".join(sized(each.shape) for each in list(tensors.values())[:3])
        raise InputError(f"--second-moment {text}: has tensors {found or '(none)'}: give one of {D} x {D}")
    sigma = whole(tensor, name)
    if not np.array_equal(sigma, sigma.T) or np.linalg.eigvalsh(sigma)[0] < -1e-6 * np.abs(sigma).max():
        raise InputError(f"--second-moment {text}: E x x^T is symmetric and positive semidefinite: this one is not")
    E = scaled(sigma)
    trace = up(math.fsum(np.diag(E.centre)))
    return SecondMoment(
        unscaled(frobenius_above(E.centre), E.exponent, upward=True), unscaled(trace, E.exponent, upward=True), text
    )


# Adapters ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ChainAdapters:
    """Adapters of a linear chain as float32 factors, and how far their product is from the tuned one, for certain.

    method    `METHOD`, or `LAYER_BY_LAYER` where singular frozen layers are in its way
    residual  of the float64 factors, relative, as `theorems.adapters` reports it;  sizes  ||Delta W_l|| / ||W_l||
    """

    factors: tuple[Factors, ...]
    method: str
    residual: float
    sizes: tuple[float, ...]
    spectral_error: Interval
    frobenius_error: Interval


def chain_adapters(chain: Chain, spectrum: Spectrum, R: int) -> ChainAdapters:
    """Adapters of rank R with the tuned product, or, where R L is below the rank of E, with the nearest product.

    Where frozen layers are singular beyond what the ranks make up for, each layer becomes its tuned one, if R does.
    Raises `InputError` where it does not.
    """
    total = min(R * chain.depth, rank_of(spectrum))
    start: Floats = reduce(lambda done, W: W @ done, chain.frozen)
    change = (spectrum.U[:, :total] * np.ldexp(spectrum.values[:total], spectrum.exponent)) @ spectrum.Vt[:total]
    method, residual = METHOD, 0.0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResidualWarning)  # the report says what is missed
            made = adapters(list(chain.frozen), start + change, R, method=METHOD, rank=total, newton=2)
        pairs, residual = [(np.asarray(a.B), np.asarray(a.A)) for a in made.adapters], made.residual
    except InputError:  # singular frozen layers: what remains is to change each layer to its own tuned one
        pairs, method = _layer_by_layer(chain, R), LAYER_BY_LAYER
    factors = tuple(_balanced(name, W, *pair) for name, W, pair in zip(chain.names, chain.frozen, pairs, strict=True))
    sizes = tuple(
        float(np.linalg.norm(B @ A, 2)) / max(float(np.linalg.norm(W, 2)), 2.0**-1000)
        for W, (B, A) in zip(chain.frozen, pairs, strict=True)
    )
    missed = spectrum_of(plus(_reached(chain, factors), chain.target(), sign=-1.0))
    least = spectrum.least_spectral(R * chain.depth).low, spectrum.least_frobenius(R * chain.depth).low
    return ChainAdapters(
        factors, method, residual, sizes,
        Interval(max(least[0], missed.least_spectral(0).low), missed.least_spectral(0).high),
        Interval(max(least[1], missed.least_frobenius(0).low), missed.least_frobenius(0).high),
    )  # fmt: skip


def _layer_by_layer(chain: Chain, R: int) -> list[tuple[Floats, Floats]]:
    """B and A of the change of each layer.  Raises `InputError` where one has more rank than R."""
    spectra = [spectrum_of(plus(T, ball(W), sign=-1.0)) for T, W in zip(chain.tuned, chain.frozen, strict=True)]
    needed = max(rank_of(spectrum) for spectrum in spectra)
    if needed > R:
        singular = [name for name, W in zip(chain.names, chain.frozen, strict=True) if not _least_singular(W) > 0]
        raise InputError(
            f"--write-peft: {listed('layer', singular or list(chain.names))} cannot be made regular with rank {R}, and "
            f"layer by layer TUNED differs by rank {needed}: --rank {needed}"
        )
    return [
        (spectrum.U[:, :R] * np.ldexp(spectrum.values[:R], spectrum.exponent), spectrum.Vt[:R]) for spectrum in spectra
    ]


def _reached(chain: Chain, factors: Sequence[Factors]) -> Ball:
    """The product of the layers with the stored factors."""
    layers = [
        adapted_by(W, factor.B.astype(np.float64), factor.A.astype(np.float64))
        for W, factor in zip(chain.frozen, factors, strict=True)
    ]
    return reduce(lambda done, layer: times(layer, done), layers)


def _balanced(name: str, W: Floats, B: Floats, A: Floats) -> Factors:
    """The factors rounded to float32, each column of B as long as its row of A."""
    b, a = np.linalg.norm(B, axis=0), np.linalg.norm(A, axis=1)
    used = (b > 0) & (a > 0)
    share = np.sqrt(a[used] / b[used])
    b, a = (X.astype(np.float32).astype(np.float64) for X in (B[:, used] * share, A[used] / share[:, None]))
    made = float32_factors(name, matrix_shape(W.shape), b, a, Taken(LINEAR, name.removesuffix(WEIGHT), BY_NAME))
    if made is None:
        raise InputError(f"{name}: its factors are beyond the range of float32, which PEFT stores: scale the weights")
    return made
