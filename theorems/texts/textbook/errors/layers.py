"""Textbook, 11.2.5, Lemma 11.30: how the errors of truncated or otherwise changed layers accumulate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from theorems.case import Array
from theorems.claim import Source
from theorems.models.linear import product
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, less_than, suppose
from theorems.texts.textbook.spectra.cases import LayersCase, PerturbedLayersCase
from theorems.texts.textbook.spectra.matrices import NOT_ZERO, sigma, truncated, verified

Steps = Iterator[Suppose | Conclude]


def accumulated(errors: Sequence[Any], num: Num) -> Any:
    """The printed bound sum_l eps_l prod_{j>l} (1 + eps_j)."""
    bound, growth = num.number(0), num.number(1)
    for error in reversed(errors):
        bound = bound + error * growth
        growth = growth * (1 + error)
    return bound


def _layers(case: LayersCase, num: Num) -> tuple[list[Array], list[Array], list[Any]]:
    """The weights, their truncations, and the relative spectral errors eps_l = sigma_{k_l+1} / sigma_1."""
    weights = [d.matrix for d in case.weights]
    cut = [truncated(d, k) for d, k in zip(case.weights, case.ranks, strict=True)]
    errors = [sigma(d, k + 1, num) / d.s[..., 0] for d, k in zip(case.weights, case.ranks, strict=True)]
    return weights, cut, errors


def _layers_not_zero(case: LayersCase, num: Num) -> Steps:
    for d in case.weights:
        yield suppose(less_than(num.number(0), d.s[..., 0]), NOT_ZERO)


def output_error(case: LayersCase, num: Num) -> Steps:
    """Lemma 11.30: the relative error of the output of truncated layers is at most sum_l eps_l prod_{j>l} (1 + eps_j).

    A linear chain f(x) = W_L ... W_1 x; eps_l = ||W_l - (W_l)_k||_2 / ||W_l||_2.

    Hypotheses  no W_l is zero; f(x) != 0
    Conclusion  ||f_k(x) - f(x)|| <= bound ||f(x)||
    """
    case = verified(case, num)
    yield from _layers_not_zero(case, num)
    weights, cut, errors = _layers(case, num)
    output, other = num.apply(product(weights), case.x), num.apply(product(cut), case.x)
    yield suppose(less_than(num.number(0), num.norm_squared(output)), "f(x) is not zero")
    bound = accumulated(errors, num)
    yield conclude(
        at_most(num.norm_squared(other - output), bound * bound * num.norm_squared(output)),
        "||f_k(x) - f(x)|| <= bound ||f(x)||",
    )


def map_error(case: LayersCase, num: Num) -> Steps:
    """Lemma 11.30 for the whole map: ||prod (W_l)_k - prod W_l||_2 <= bound ||prod W_l||_2.

    Hypotheses  no W_l is zero; the product is not zero
    """
    case = verified(case, num)
    yield from _layers_not_zero(case, num)
    weights, cut, errors = _layers(case, num)
    whole = product(weights)
    size = num.spectral_norm(whole)
    yield suppose(less_than(num.number(0), size), "the product is not zero")
    gap = num.spectral_norm(product(cut) - whole)
    yield conclude(at_most(gap, accumulated(errors, num) * size), "||prod (W_l)_k - prod W_l|| <= bound ||prod W_l||")


def _forward(weights: Sequence[Array], x: Array, num: Num) -> Array:
    """W_L relu(... relu(W_1 x))."""
    for l, W in enumerate(weights):
        x = num.apply(W, x)
        if l < len(weights) - 1:
            x = num.relu(x)
    return x


def _absolute_errors(case: PerturbedLayersCase, num: Num) -> tuple[list[Array], Any, list[Any], Any]:
    """The changed weights, prod ||W_l||, the relative errors ||E_l|| / ||W_l||, and prod (||W_l|| + ||E_l||)."""
    changed = [W + E for W, E in zip(case.weights, case.changes, strict=True)]
    sizes = [num.spectral_norm(W) for W in case.weights]
    moves = [num.spectral_norm(E) for E in case.changes]
    total, grown = sizes[0], sizes[0] + moves[0]
    for size, move in zip(sizes[1:], moves[1:], strict=True):
        total, grown = total * size, grown * (size + move)
    return changed, total, [move / size for move, size in zip(moves, sizes, strict=True)], grown


def map_error_by_norms(case: PerturbedLayersCase, num: Num) -> Steps:
    """Lemma 11.30, repaired: measured against prod ||W_l||_2 instead of the output, for any approximations.

    ||prod (W_l + E_l) - prod W_l|| <= prod (||W_l|| + ||E_l||) - prod ||W_l||, and the last difference is the printed
    bound times prod ||W_l||.

    Hypotheses  no W_l is zero
    Conclusion  ||prod (W_l + E_l) - prod W_l||_2 <= prod ||W_l||_2 sum_l eps_l prod_{j>l} (1 + eps_j)
    """
    for W in case.weights:
        yield suppose(less_than(num.number(0), num.frobenius_norm_squared(W)), NOT_ZERO)
    changed, total, errors, grown = _absolute_errors(case, num)
    bound = accumulated(errors, num)
    gap = num.spectral_norm(product(changed) - product(case.weights))
    yield conclude(at_most(gap, total * bound, scale=grown), "the product, against prod ||W_l||")


def network_error_by_norms(case: PerturbedLayersCase, num: Num) -> Steps:
    """Lemma 11.30, repaired, for ReLU networks: against prod ||W_l||_2 ||x||, with ReLU between the layers.

    ReLU has the Lipschitz constant one and keeps zero, so that the bound of the linear chain carries over.

    Hypotheses  no W_l is zero
    Conclusion  ||f_k(x) - f(x)|| <= prod ||W_l||_2 ||x|| sum_l eps_l prod_{j>l} (1 + eps_j)
    """
    for W in case.weights:
        yield suppose(less_than(num.number(0), num.frobenius_norm_squared(W)), NOT_ZERO)
    changed, total, errors, grown = _absolute_errors(case, num)
    gap = num.norm(_forward(changed, case.x, num) - _forward(case.weights, case.x, num))
    size = num.norm(case.x)
    bound = total * accumulated(errors, num) * size
    yield conclude(at_most(gap, bound, scale=grown * size), "the network, against prod ||W_l|| ||x||")


def first_order_bound(case: PerturbedLayersCase, num: Num) -> Steps:
    """Lemma 11.30, the approximation sum_l eps_l, read as a bound for any approximations, against prod ||W_l||_2.

    Hypotheses  no W_l is zero
    """
    for W in case.weights:
        yield suppose(less_than(num.number(0), num.frobenius_norm_squared(W)), NOT_ZERO)
    changed, total, errors, grown = _absolute_errors(case, num)
    gap = num.spectral_norm(product(changed) - product(case.weights))
    yield conclude(at_most(gap, total * sum(errors[1:], errors[0]), scale=grown), "||...|| <= sum_l eps_l prod ||W_l||")


def first_order_from_below(case: PerturbedLayersCase, num: Num) -> Steps:
    """Lemma 11.30, the approximation eps_total ~ sum_l eps_l, read from below: the total is at least half of the sum.

    Hypotheses  no W_l is zero
    Conclusion  ||prod (W_l + E_l) - prod W_l||_2 >= (sum_l eps_l) prod ||W_l||_2 / 2
    """
    for W in case.weights:
        yield suppose(less_than(num.number(0), num.frobenius_norm_squared(W)), NOT_ZERO)
    changed, total, errors, grown = _absolute_errors(case, num)
    gap = num.spectral_norm(product(changed) - product(case.weights))
    half = total * sum(errors[1:], errors[0]) / 2
    yield conclude(at_most(half, gap, scale=grown), "sum_l eps_l prod ||W_l|| / 2 <= ||...||")


def first_order_bound_for_truncations(case: LayersCase, num: Num) -> Steps:
    """Lemma 11.30, sharpened for truncated SVDs: sum_l eps_l is a bound, against prod ||W_l||_2.

    A truncation does not increase the norm, so that in the telescoping sum no factor exceeds ||W_l||: the factors
    1 + eps_j are not needed.

    Hypotheses  no W_l is zero
    Conclusion  ||prod (W_l)_k - prod W_l||_2 <= (sum_l eps_l) prod ||W_l||_2
    """
    case = verified(case, num)
    yield from _layers_not_zero(case, num)
    weights, cut, errors = _layers(case, num)
    total = case.weights[0].s[..., 0]
    for d in case.weights[1:]:
        total = total * d.s[..., 0]
    gap = num.spectral_norm(product(cut) - product(weights))
    yield conclude(at_most(gap, total * sum(errors[1:], errors[0]), scale=total), "||...|| <= sum_l eps_l prod ||W_l||")


def printed_bound_in_closed_form(case: LayersCase, num: Num) -> Steps:
    """Lemma 11.30, the bound itself: sum_l eps_l prod_{j>l} (1 + eps_j) = prod_l (1 + eps_l) - 1.

    Hypotheses  no W_l is zero
    """
    case = verified(case, num)
    yield from _layers_not_zero(case, num)
    _, _, errors = _layers(case, num)
    grown = num.number(1)
    for error in errors:
        grown = grown * (1 + error)
    yield conclude(equal(accumulated(errors, num), grown - 1, scale=grown), "the closed form of the bound")


_LAYERS = Source("textbook", "Lemma 11.30", "11.2.5")

CLAIMS = (
    _LAYERS.gap(
        "textbook/lemma-11.30", output_error,
        "one layer diag(2, 1) cut to rank 1, at x = e_2: the output is lost whole, eps = 1/2; 1 x 1 outputs "
        "scale",
        place="Lemma 11.30",
        printed="eps_total <= sum_l eps_l prod_{j>l} (1 + eps_j); of what it is a share is not said",
        why=(
            "Truncation loses the small singular directions whole, and an input may lie in one of them: then the "
            "output is lost although eps is one half. Measured against the product of the norms of the layers "
            "the bound holds."
        ),
        repaired_by="textbook/lemma-11.30:repaired",
    ),
    _LAYERS.gap(
        "textbook/lemma-11.30:map", map_error,
        "diag(1, 0), then [[0, 1], [1/2, 0]]: their product, of norm 1/2, is cut to zero; bound 1/4; L = 1 "
        "holds",
        repaired_by="textbook/lemma-11.30:repaired",
    ),
    _LAYERS.stands(
        "textbook/lemma-11.30:repaired", map_error_by_norms,
        "expand the product: the norms of the mixed terms are those of prod (1 + eps_l) - 1",
    ),
    _LAYERS.stands("textbook/lemma-11.30:relu", network_error_by_norms, "ReLU is 1-Lipschitz and keeps zero"),
    _LAYERS.false(
        "textbook/lemma-11.30:first-order", first_order_bound,
        "1 x 1 layers 1, 1 changed to 2, 2: 3 > 1 + 1; one layer gives equality, so L = 2 is least",
        repaired_by="textbook/lemma-11.30:sharpened",
    ),
    _LAYERS.false(
        "textbook/lemma-11.30:first-order-below", first_order_from_below,
        "errors cancel: 1 x 1 layers 1, 1 changed to 3/2, 2/3 leave the product 1; one layer has no other",
        repaired_by="textbook/lemma-11.30:repaired",
    ),
    _LAYERS.stands(
        "textbook/lemma-11.30:sharpened", first_order_bound_for_truncations,
        "a truncation is no longer than the matrix, so the telescoping sum needs no factors 1 + eps_j",
    ),
    _LAYERS.stands("textbook/lemma-11.30.closed-form", printed_bound_in_closed_form, "a telescoping product"),
)  # fmt: skip
