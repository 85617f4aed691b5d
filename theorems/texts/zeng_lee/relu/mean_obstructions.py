"""Floors for mean errors at every depth: inputs uniform on an ellipsoid, an active target of one layer.

Let x = x_0 + B y with y uniform in the unit ball of R^D, B non-singular, f-bar active on the ellipsoid, T = W-bar,
F = T - prod W, r = R_1 + ... + R_L, q = D - r >= 1, s = sigma_D(T B), S = ||F B||_2, g_k = sigma_{r+k}(F B), and

    m(D, k) = E ||(y_1, ..., y_k)||,   mu = max_{k <= q} g_k m(D, k),   nu = sum_{k <= q} g_k^2 / (D + 2).

**Claim.**  For all adapters of ranks R_l and all biases
    E ||f - f-bar||   >= mu - D L (mu + S)^2 / (s v_D),
    E ||f - f-bar||^2 >= min(s^2 v_D^2 d^3 / (12 D^2 L^2), nu - S^2 d / (1 - d))   for every d in (0, 1).

*Proof.*  In the coordinates y, with the sets of `relu_deep_obstructions`; let delta be the probability of the K_{l,j}
together.  Along a chord of length c of such a set f is constant and f-bar moves with speed s at least, so that the
integral of ||f - f-bar|| is s c^2 / 4 at least and that of its square s^2 c^3 / 12.  Chords integrate to the volume,
over a projection of area V_{D-1} at most, and power means over the D L sets give the contributions
(s v_D / (4 D L)) delta^2 and (s^2 v_D^2 / (12 D^2 L^2)) delta^3.

On C, f - f-bar = (A - F) x + const with rank(A) <= r.  Let Q project onto q dimensions orthogonal to the range of A:
||f - f-bar|| >= ||Q F B y - c||.  As y and -y are alike, E ||Q F B y - c|| >= max(mu', ||c||), mu' = E ||Q F B y||
>= mu because sigma_k(Q F B) >= g_k, and E ||Q F B y - c||^2 = nu' + ||c||^2, nu' >= nu.  What lies off C takes delta
(S + ||c||) at most, or delta (S + ||c||)^2; the worst ||c|| leaves (1 - delta) mu - delta S, or nu - S^2 delta / (1 -
delta).  The first sum is least at delta = 2 D L (mu + S) / (s v_D); for squares delta >= d or delta < d.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from theorems.adaptation.error_sizes import largest
from theorems.case import Array
from theorems.models.inputs import UniformNetworkCase
from theorems.num import Num
from theorems.texts.zeng_lee.relu.construction import scalar
from theorems.texts.zeng_lee.relu.deep_obstructions import volume_ratio

#: pi between two rationals.
_PI = Fraction(333, 106), Fraction(355, 113)
#: The d that are tried in the floor for squares.
SHARES = tuple(Fraction(1, n) for n in (4, 6, 8, 10, 11, 12, 14, 17, 20, 22, 25, 28, 32, 40, 50, 70, 100, 200))


def _steps(x: Fraction) -> tuple[Fraction, Fraction]:
    """Gamma(x + 1/2) / Gamma(x) for a half-integer x > 0 as (rational, power of sqrt(pi)): the power is 1 or -1."""
    if x == Fraction(1, 2):
        return Fraction(1), Fraction(-1)  # Gamma(1) / Gamma(1/2)
    if x == 1:
        return Fraction(1, 2), Fraction(1)  # Gamma(3/2) / Gamma(1)
    ratio, power = _steps(x - 1)
    return ratio * (x - Fraction(1, 2)) / (x - 1), power


def mean_projection(D: int, k: int) -> Fraction:
    """A rational at most m(D, k) = E ||(y_1, ..., y_k)||, y uniform in the unit ball of R^D; exact for even D - k.

    The length n of the projection has the density n^{k-1} (1 - n^2)^{(D-k)/2} up to a factor, so that
    m = Gamma((k+1)/2) / Gamma(k/2) * Gamma(D/2 + 1) / Gamma((D+3)/2).
    """
    up, one = _steps(Fraction(k, 2))
    down, other = _steps(Fraction(D, 2) + 1)
    power = one - other  # of sqrt(pi): -2, 0 or 2
    return up / down * (1 if power == 0 else _PI[0] if power > 0 else 1 / _PI[1])


def active_on_the_ellipsoid(case: UniformNetworkCase, num: Num) -> Any:
    """Whether W-bar x + b-bar >= 0 for all x = x_0 + B y, ||y|| <= 1: decided row by row, by squares."""
    (target,) = case.network.target.weights
    middle = num.apply(target, case.centre) + case.bias
    spread = target @ case.axes
    answer: Any = True
    for j in range(case.frozen.width):
        level = scalar(middle[..., j])
        answer = answer & (level >= 0) & (level * level - num.norm_squared(spread[..., j, :]) >= 0)
    return answer


def _sizes(case: UniformNetworkCase, num: Num) -> tuple[Any, Any, list[Any]]:
    """s, S and g_1, ..., g_q."""
    D, r = case.frozen.width, sum(case.ranks)
    T = case.network.target.weights[0] @ case.axes
    F: Array = case.error.matrix @ case.axes
    g = [num.singular_value(F, r + k) for k in range(1, D - r + 1)]
    return num.singular_value(T, D), num.singular_value(F, 1), g


def mean_norm_floor(case: UniformNetworkCase, num: Num) -> Callable[[], Any]:
    """A lower bound of E ||f - f-bar||_2 for every adapter and bias; zero where r >= D or the target is not active."""

    def floor() -> Any:
        D, L = case.frozen.width, case.frozen.depth
        if sum(case.ranks) >= D:
            return num.number(0)
        s, S, g = _sizes(case, num)
        parts = [mean_projection(D, k) for k in range(1, len(g) + 1)]
        mu = largest([size * num.number(m.numerator, m.denominator) for size, m in zip(g, parts, strict=True)], num)
        v = volume_ratio(D)
        lost = (mu + S) * (mu + S) * num.number(D * L * v.denominator, v.numerator)
        return _where_it_applies(case, s, lambda safe: mu - lost / safe, num)

    return floor


def mean_square_floor(case: UniformNetworkCase, num: Num) -> Callable[[], Any]:
    """A lower bound of E ||f - f-bar||_2^2 for every adapter and bias; zero where r >= D or the target is not
    active."""

    def floor() -> Any:
        D, L = case.frozen.width, case.frozen.depth
        if sum(case.ranks) >= D:
            return num.number(0)
        s, S, g = _sizes(case, num)
        nu = sum((size * size for size in g[1:]), g[0] * g[0]) * num.number(1, D + 2)
        v = volume_ratio(D)
        bounds = [num.number(0)]
        for d in SHARES:
            silent = v * v * d**3 / (12 * D * D * L * L)
            taken = d / (1 - d)
            bounds.append(
                num.minimum(
                    s * s * num.number(silent.numerator, silent.denominator),
                    nu - S * S * num.number(taken.numerator, taken.denominator),
                )
            )
        best = largest(bounds, num)
        return _where_it_applies(case, s, lambda _: best, num)

    return floor


def _where_it_applies(case: UniformNetworkCase, s: Any, value: Callable[[Any], Any], num: Num) -> Any:
    regular = num.rank(case.network.target.weights[0] @ case.axes) >= case.frozen.width
    fits = active_on_the_ellipsoid(case, num) & regular
    found = value(num.where(fits, s, num.number(1)))
    return num.where(fits, num.maximum(found, num.number(0)), num.number(0))
