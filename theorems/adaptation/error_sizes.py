"""The sizes in the error bound of Theorem 5 (Zeng and Lee): beta, and the errors of layers, amplified by later ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from theorems.case import Array
from theorems.models.relu import NetworkCase
from theorems.num import Num

#: ``size(Sigma, num)``: what stands for the magnitude of the input.
Size = Callable[[Array, Any], Any]


def second_moment(values: Array, weights: Array, num: Num) -> Array:
    """E v v^T."""
    moment: Array = num.expectation(values[..., :, None] * values[..., None, :], weights)
    return moment


def largest(values: Sequence[Any], num: Num) -> Any:
    """The largest of some scalars."""
    best = values[0]
    for value in values[1:]:
        best = num.maximum(best, value)
    return best


def smallest(values: Sequence[Any], num: Num) -> Any:
    """The smallest of some scalars."""
    best = values[0]
    for value in values[1:]:
        best = num.minimum(best, value)
    return best


def power(x: Any, n: int, num: Num) -> Any:
    """x^n by products, with x^0 = 1."""
    result = num.number(1)
    for _ in range(n):
        result = result * x
    return result


def root_of_frobenius(moment: Array, num: Num) -> Any:
    """sqrt(||Sigma||_F), as printed."""
    return num.sqrt(num.frobenius_norm(moment))


def root_of_trace(moment: Array, num: Num) -> Any:
    """sqrt(tr Sigma) = sqrt(E ||x||^2), which bounds E ||x||."""
    return num.sqrt(num.trace(moment))


def magnitudes(norms: Sequence[Any], biases: Sequence[Any], size: Any, reach: int, num: Num) -> list[Any]:
    """size prod_{j<=i} ||W-bar_j||_F + sum_{j<=i} (prod_{k=j+1}^{i-1+reach} ||W-bar_k||_F) ||b_j|| for i = 1..L-bar.

    `reach` is 0 as printed in beta, and 1 where the product runs to i, as the chain for E ||z-bar_i|| has it.
    """
    terms = []
    for i in range(1, len(norms) + 1):
        term = size
        for j in range(i):
            term = term * norms[j]
        for j in range(1, i + 1):
            part = biases[j - 1]
            for k in range(j + 1, i + reach):
                part = part * norms[k - 1]
            term = term + part
        terms.append(term)
    return terms


def beta(case: NetworkCase, biases: Sequence[Array], num: Num, *, floor: Size = root_of_frobenius) -> Any:
    """beta of the main text: the largest of the magnitudes (with sqrt(||Sigma||_F)) and of `floor`, as printed the
    same."""
    norms = [num.frobenius_norm(W) for W in case.target.weights]
    moment = second_moment(case.inputs.points, case.inputs.weights, num)
    terms = magnitudes(norms, [num.norm(b) for b in biases], root_of_frobenius(moment, num), 0, num)
    return largest([*terms, floor(moment, num)], num)


def amplified(case: NetworkCase, errors: Sequence[Any], num: Num) -> Any:
    """sum_i max_k (||W-bar_k||_F + E_k)^{L-bar - i} E_i."""
    if case.depth == 1:
        return errors[0]
    alpha = largest([num.frobenius_norm(W) + e for W, e in zip(case.target.weights, errors, strict=True)], num)
    terms = [power(alpha, case.depth - i, num) * e for i, e in enumerate(errors, 1)]
    return sum(terms[1:], terms[0])
