"""Chains of square layers of a user's model: what Lemmas 9 and 10 and repaired Theorem 5 of Zeng and Lee say of them.

Products of layers are kept as balls: a computed centre, and a radius in the Frobenius norm that covers all rounding.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from theorems.adaptation.error_sizes import amplified, beta
from theorems.arithmetic import Float64
from theorems.case import SVD, Array
from theorems.errors import InputError
from theorems.models.relu import Inputs, NetworkCase, ReluNetwork
from theorems.weights.certified import Dense, Spectrum, certified, scaled
from theorems.weights.changes import Change, Changes, Difference, Factored, sized, whole
from theorems.weights.rounding import (
    FLOOR,
    UNIT,
    absolute_product,
    exponent_of,
    frobenius_above,
    gamma,
    up,
)
from theorems.weights.stored import Floats, listed

#: More than the rounding of the float64 evaluation of a bound out of upper bounds.
EVALUATION = 1e-9


# Balls of matrices ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ball:
    """The matrices X with ||X / 2^exponent - centre||_F <= radius; the centre has entries of about one."""

    centre: Floats
    radius: float
    exponent: int


def ball(centre: Floats, radius: float = 0.0, exponent: int = 0) -> Ball:
    """The same ball, its centre scaled."""
    shift = exponent_of(centre)
    return Ball(np.ldexp(centre, -shift), up(math.ldexp(radius, -shift)) + FLOOR, exponent + shift)


def times(A: Ball, B: Ball) -> Ball:
    """Products of members: the rounding of the centre, and ||A|| r_B + r_A ||B|| + r_A r_B."""
    ones = np.ones(A.centre.shape[1])
    rounding = gamma(len(ones) + 2) * absolute_product(A.centre, ones, B.centre)
    spread = _norm_above(A.centre) * B.radius + A.radius * _norm_above(B.centre) + A.radius * B.radius
    return ball(A.centre @ B.centre, up(rounding + spread) + FLOOR, A.exponent + B.exponent)


def plus(A: Ball, B: Ball, sign: float = 1.0) -> Ball:
    """Sums (with sign -1 differences) of members."""
    top = max(A.exponent, B.exponent)
    shifts = A.exponent - top, B.exponent - top
    total = np.ldexp(A.centre, shifts[0]) + sign * np.ldexp(B.centre, shifts[1])
    spread = math.ldexp(A.radius, shifts[0]) + math.ldexp(B.radius, shifts[1])
    return ball(total, up(spread + 2.0 * UNIT * frobenius_above(total)) + FLOOR, top)


def spectrum_of(A: Ball) -> Spectrum:
    """What is certain of the singular values of every member."""
    E = certified(scaled(A.centre, A.radius))
    return Spectrum(
        E.shape, E.exponent + A.exponent, E.spectral, E.frobenius, E.values, E.U, E.Vt, E.radius, E.high
    )  # fmt: skip


def _norm_above(A: Floats) -> float:
    """At least ||A||_2: the smaller of ||A||_F and sqrt(||A||_1 ||A||_inf)."""
    sizes = np.abs(A)
    both = math.sqrt(float(sizes.sum(axis=0).max()) * float(sizes.sum(axis=1).max()))
    return min(frobenius_above(A), up(both * (1.0 + gamma(sum(A.shape)))) + FLOOR)


# The chain -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Chain:
    """W_1, ..., W_L of BASE and their tuned counterparts, in the order of application, (D, D) each."""

    names: tuple[str, ...]
    frozen: tuple[Floats, ...]
    tuned: tuple[Ball, ...]

    @property
    def depth(self) -> int:
        """L."""
        return len(self.names)

    @property
    def width(self) -> int:
        """D."""
        return len(self.frozen[0])

    def target(self) -> Ball:
        """The product of the tuned layers."""
        return _product(self.tuned)

    def change(self) -> Ball:
        """E, the product of the tuned layers minus that of the frozen ones."""
        return plus(self.target(), _product([ball(W) for W in self.frozen]), sign=-1.0)


def _product(layers: Sequence[Ball]) -> Ball:
    return reduce(lambda done, layer: times(layer, done), layers)


def chain_of(changes: Changes, names: Sequence[str]) -> Chain:
    """The named layers as a chain.

    Raises `InputError` for names that are no layers or occur twice, and for layers that are not square of one width.
    """
    layers = {change.name: change for change in changes.layers}
    unknown = [name for name in names if name not in layers and name not in changes.base.tensors]
    if unknown:
        raise InputError(f"--chain: {changes.base.source} has no {listed('tensor', unknown)}: give names of layers")
    twice = sorted({name for name in names if list(names).count(name) > 1})
    if twice:
        raise InputError(f"--chain: {listed('layer', twice)} named twice: a chain has each layer once")
    shapes = [changes.base.tensors[name].shape for name in names]
    for name, shape in zip(names, shapes, strict=True):
        if len(shape) != 2 or shape[0] != shape[1] or shape != shapes[0]:
            raise InputError(
                f"--chain: {name!r} is {sized(shape)}: Lemmas 9, 10 and Theorem 5 are about square layers of one width"
            )
    frozen = tuple(whole(changes.base.tensors[name], name) for name in names)
    tuned = tuple(_tuned(layers.get(name), W) for name, W in zip(names, frozen, strict=True))
    return Chain(tuple(names), frozen, tuned)


def _tuned(change: Change | None, W: Floats) -> Ball:
    if change is None:
        return ball(W)
    if isinstance(change, Difference):
        return ball(whole(change.tuned, change.name))
    if isinstance(change, Factored):
        return adapted(W, change)
    E, _ = change.load()
    if not isinstance(E, Dense):
        raise InputError(f"--chain: {change.name!r} is neither stored nor in factors: merge the adapter")
    return plus(ball(W), Ball(E.centre, E.slack, E.exponent))


def adapted(W: Floats, change: Factored) -> Ball:
    """W + factor B A."""
    product, _ = change.load()
    made = times(ball(product.left * product.factor), ball(product.right))
    rounding = up(2.0 * UNIT * frobenius_above(product.left) * _norm_above(product.right))
    exponent = made.exponent + product.exponent
    return plus(ball(W), Ball(made.centre, made.radius + math.ldexp(rounding, -made.exponent), exponent))


def adapted_by(W: Floats, B: Floats, A: Floats) -> Ball:
    """W + B A."""
    return plus(ball(W), times(ball(B), ball(A))) if B.size else ball(W)


# Theorem 5 -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SecondMoment:
    """What Theorem 5 needs of Sigma = E x x^T: ||Sigma||_F and tr Sigma, rounded up, and its name."""

    frobenius: float
    trace: float
    said: str


def theorem_5_bound(
    weights: Sequence[float], biases: Sequence[float], errors: Sequence[float], moment: SecondMoment
) -> float:
    """The bound of repaired Theorem 5 on E ||f - f-bar||_2, rounded up, for a target with L-bar = L layers.

    weights  at least ||W-bar_i||_F;  biases  at least ||b-bar_i||_2;  errors  at least E_i = sigma_{R+1}(W-bar_i - W_i)

    The bound depends on the networks through these numbers only and increases in each of them, so that it is evaluated
    by the claim's own formula for a network of width one with these norms.
    """
    one = np.ones((1, 1, 1))  # a batch of one
    L = len(weights)
    case = NetworkCase(
        ReluNetwork((one * 0.0,) * L, (one[0] * 0.0,) * L),
        tuple(SVD(one, one[0] * size, one) for size in weights),
        tuple(one[0] * size for size in biases),
        tuple((l,) for l in range(1, L + 1)),
        (1,) * L,
        Inputs(one * math.sqrt(moment.frobenius), one[0], one[0] * 0.0, one[0] * 0.0),
    )
    num = Float64()

    def root_of_trace(_: Array, __: Any) -> Any:
        return np.array([math.sqrt(moment.trace)])

    with num.running(case):
        size = beta(case, case.biases, num, floor=root_of_trace)
        value = float(np.asarray(size * amplified(case, [np.array([e]) for e in errors], num)).item())
    if not math.isfinite(value):
        return math.inf
    return value * (1.0 + EVALUATION)
