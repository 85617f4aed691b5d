"""Random inputs with exact moments, and the cases made of them.

A distribution with finitely many points has expectations that are finite sums, so that claims on E[...] are exact.  The
uniform distribution on an ellipsoid has exact moments too, and a density: no value of a function there is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from theorems.case import SVD, Array
from theorems.domains import require
from theorems.errors import InputError
from theorems.models.relu import Inputs, NetworkCase, ReluNetwork
from theorems.num import Num
from theorems.properties import NON_NEGATIVE, SUMS_TO_ONE, Axes, Between


@dataclass(frozen=True)
class RandomVectorCase:
    """A square matrix and a random vector that is points[k] with probability weights[k].

    matrix   A, (..., n, n)
    points   x_1, ..., x_K, (..., K, n); they need not differ
    weights  non-negative and summing to one, (..., K)
    """

    matrix: Annotated[Array, Axes("n", "n")]
    points: Annotated[Array, Axes("K", "n")]
    weights: Annotated[Array, Axes("K"), NON_NEGATIVE, SUMS_TO_ONE]

    def __post_init__(self) -> None:
        require(self)


@dataclass(frozen=True)
class UniformNetworkCase:
    """A frozen network, a target of one layer, LoRA-ranks, and an input that is uniform on an ellipsoid.

    The input is x = x_0 + B y with y uniform in the unit ball of R^D, so that E x = x_0 and Cov x = B B^T / (D + 2).

    frozen  the model f_0 of depth L
    error   the SVD of E = W-bar - W_L ... W_1
    bias    b-bar, (..., D)
    ranks   R_1, ..., R_L
    centre  x_0, (..., D)
    axes    B, (..., D, D)
    known   SVDs of E B and of W-bar B, for exact arithmetic; may be empty
    """

    frozen: ReluNetwork
    error: Annotated[SVD, Axes("D", "D")]
    bias: Annotated[Array, Axes("D")]
    ranks: Annotated[tuple[int, ...], Axes("L"), Between(0, "D")]
    centre: Annotated[Array, Axes("D")]
    axes: Annotated[Array, Axes("D", "D")]
    known: Annotated[tuple[SVD, ...], Axes("_", "D", "D")] = ()

    def __post_init__(self) -> None:
        D = self.frozen.width
        if self.centre.shape[-1:] != (D,) or self.axes.shape[-2:] != (D, D):
            raise InputError(
                f"the centre has the shape {self.centre.shape} and the axes {self.axes.shape}: give (D,) and (D, D) "
                f"for D = {D}"
            )
        if self.network.depth != 1:  # what else a network case asks for is checked there
            raise InputError("the target has one layer here: give one error")

    @property
    def network(self) -> NetworkCase:
        """The case with a box about the ellipsoid for X, and its centre for the random input."""
        one = self.bias[..., :1] * 0 + 1
        inputs = Inputs(self.centre[..., None, :], one, abs(self.axes).sum(-1), self.bias[..., :1] * 0)
        return NetworkCase(
            self.frozen, (self.error,), (self.bias,), (tuple(range(1, self.frozen.depth + 1)),), self.ranks, inputs
        )

    def covariance(self, num: Num) -> Array:
        """Cov x = B B^T / (D + 2)."""
        cov: Array = num.times(num.number(1, self.frozen.width + 2), self.axes @ self.axes.mT)
        return cov

    def second_moment(self, num: Num) -> Array:
        """Sigma = E x x^T."""
        moment: Array = self.covariance(num) + num.outer(self.centre, self.centre)
        return moment
