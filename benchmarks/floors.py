"""How near the floors for all adapters and biases come to the best that a minimiser finds: floats, evidence only.

    python benchmarks/floors.py

For each case a line with the floor, the least error over all adapters of the ranks and all biases that L-BFGS finds
from several starts, and their ratio.  Sups are taken over points of X, which is less than the sup; means over a sample.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import minimize

from theorems.arithmetic import Ball
from theorems.case import Array
from theorems.models.relu import ReluNetwork
from theorems.strategies.texts.zeng_lee.relu.bent import ActiveRecipe
from theorems.strategies.texts.zeng_lee.relu.uniform import UniformRecipe
from theorems.texts.zeng_lee.relu.deep_obstructions import active_target, two_slopes
from theorems.texts.zeng_lee.relu.mean_obstructions import mean_norm_floor, mean_square_floor

STARTS, POINTS = 4, 150


def best(
    frozen: ReluNetwork, ranks: tuple[int, ...], x: Array, wanted: Array, size: Callable[[Array], float], seed: int
) -> float:
    """The least `size` of the errors at x over adapters of those ranks and biases, from several starts."""
    W = [np.asarray(A, dtype=float) for A in frozen.weights]
    D, L = frozen.width, len(W)
    scale = max(float(np.abs(wanted).max()), 1e-300)
    shapes = [shape for R in ranks for shape in ((D, R), (R, D), (D,))]
    counts = [int(np.prod(shape)) for shape in shapes]

    def errors(theta: Array) -> tuple[list[Array], list[Array], Array]:
        pieces = np.split(theta, np.cumsum(counts)[:-1])
        parts = [part.reshape(shape) for part, shape in zip(pieces, shapes, strict=True)]
        z, seen = x, [x]
        layers = []
        for l in range(L):
            A = W[l] + parts[3 * l] @ parts[3 * l + 1]
            layers.append(A)
            z = np.maximum(z @ A.T + parts[3 * l + 2], 0)
            seen.append(z)
        return parts, seen, np.array(layers)

    def loss(theta: Array, power: float) -> tuple[float, Array]:
        parts, seen, layers = errors(theta)
        gap = (seen[-1] - wanted) / scale
        norms = np.sqrt((gap**2).sum(1) + 1e-18)
        total = (norms**power).mean() ** (1 / power)
        back = total ** (1 - power) * norms[:, None] ** (power - 2) * gap / len(x) / scale
        gradient: list[Array] = []
        for l in reversed(range(L)):
            back = back * (seen[l + 1] > 0)
            change = back.T @ seen[l]
            gradient = [change @ parts[3 * l + 1].T, parts[3 * l].T @ change, back.sum(0), *gradient]
            back = back @ layers[l]
        return float(total), np.concatenate([g.ravel() for g in gradient])

    g = np.random.default_rng(seed)
    found = np.inf
    for start in range(STARTS):
        spread = 10.0 ** g.uniform(-3, 0)
        theta = g.standard_normal(sum(counts)) * spread
        for l in range(L):  # half of the starts have all units on
            at = sum(counts[: 3 * l + 2])
            theta[at : at + D] += 3.0 * float(np.abs(x).max()) if start % 2 and l + 1 < L else 0.0
        for power in (2.0, 1.0) if size is mean else (2.0,) if size is root_mean_square else (2.0, 8.0, 32.0):
            theta = minimize(loss, theta, args=(power,), jac=True, method="L-BFGS-B", options={"maxiter": 150}).x
            found = min(found, size(np.linalg.norm(errors(theta)[1][-1] - wanted, axis=1)))
    return found


def mean(norms: Array) -> float:
    """The mean of the norms."""
    return float(norms.mean())


def sup(norms: Array) -> float:
    """The largest of the norms."""
    return float(norms.max())


def root_mean_square(norms: Array) -> float:
    """The root of the mean square."""
    return float(np.sqrt((norms**2).mean()))


def ball(g: np.random.Generator, count: int, D: int) -> Array:
    """Uniform in the unit ball."""
    y = g.standard_normal((count, D))
    return np.asarray(y / np.linalg.norm(y, axis=1, keepdims=True) * g.random((count, 1)) ** (1 / D))


def line(name: str, floor: float, reached: float) -> None:
    """One case."""
    print(f"{name:46} floor {floor:.3e}  best found {reached:.3e}  ratio {floor / reached:.4f}")


def main() -> None:
    """All cases."""
    num, g = Ball(), np.random.default_rng(0)
    for M, target_depth in ((1, 1), (2, 1), (1, 2)):
        case = ActiveRecipe(target_depth, M, 1, extra=1, seed=0).exact(0)
        loaded = num.load(case)
        with num.running(loaded):
            floor = float(active_target(loaded, num)())
        x = g.uniform(-1, 1, (POINTS, case.frozen.width))
        wanted = _forward(case.target, x)
        line(f"active target, L = {M * target_depth}, L-bar = {target_depth}", floor,
             best(case.frozen, case.ranks, x, wanted, sup, 1))  # fmt: skip
    for L in (1, 2):
        case = ActiveRecipe(1, L, 1, extra=1, seed=0).exact(0)
        loaded, D = num.load(case), case.frozen.width
        E = case.errors[0]
        k = L  # the sum of the ranks
        N = (E.U[:, :k] * E.s[:k]) @ E.V[:, :k].T - E.matrix
        with num.running(loaded):
            floor = float(two_slopes(loaded, num.load(N), num)())
        x = g.uniform(-1, 1, (POINTS, D))
        wanted = _forward(case.target, x) + np.maximum(x @ np.asarray(N, dtype=float).T, 0)
        line(f"identity of Lemma 11, L = {L}", floor, best(case.frozen, (D,) * L, x, wanted, sup, 2))
    for L, left in ((1, 2), (2, 2), (2, 3)):
        uniform = UniformRecipe(L, 1, left, 0, seed=0).exact(0)
        loaded_uniform = num.load(uniform)
        with num.running(loaded_uniform):
            floors = [float(f(loaded_uniform, num)()) for f in (mean_norm_floor, mean_square_floor)]
        x = ball(g, 4 * POINTS, uniform.frozen.width) @ np.asarray(uniform.axes, dtype=float).T
        wanted = _forward(uniform.network.target, x)
        name = f"uniform, D = {uniform.frozen.width}, L = {L}"
        line(f"{name}, mean", floors[0], best(uniform.frozen, uniform.ranks, x, wanted, mean, 3))
        line(f"{name}, root mean square", floors[1] ** 0.5,
             best(uniform.frozen, uniform.ranks, x, wanted, root_mean_square, 3))  # fmt: skip


def _forward(model: ReluNetwork, x: Array) -> Array:
    z = x
    for W, b in zip(model.weights, model.biases, strict=True):
        z = np.maximum(z @ np.asarray(W, dtype=float).T + np.asarray(b, dtype=float), 0)
    return z


if __name__ == "__main__":
    main()
