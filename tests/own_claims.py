"""A claims file of a user's own, as text: two false claims, two true ones."""

from __future__ import annotations

NAMES = ("trace_of_a_product", "nearly_orthogonal", "traces_commute", "cauchy_schwarz")
FALSE = NAMES[:2]

OWN = '''
"""Claims of my own."""
import os
import time

from theorems.strategies import matrices
from theorems import at_most, conclude, equal


def trace_of_a_product(case, num):
    """tr(AB) <= tr(A) tr(B)."""
    A, B = case.matrices
    yield conclude(at_most(num.trace(A @ B), num.trace(A) * num.trace(B)), "tr(AB) <= tr(A) tr(B)")


def nearly_orthogonal(case, num):
    """||A A^T - I||_F^2 >= 1/100, which random matrices hardly ever violate."""
    A, _ = case.matrices
    E = A @ A.mT - num.identity(A.shape[-1])
    yield conclude(at_most(num.number(1, 100), num.trace(E @ E.mT), scale=num.number(1)))


def traces_commute(case, num):
    """tr(AB) = tr(BA)."""
    A, B = case.matrices
    time.sleep(float(os.environ.get("SLOW", "0")))
    yield conclude(equal(num.trace(A @ B), num.trace(B @ A), scale=num.frobenius_norm(A) * num.frobenius_norm(B)))


def cauchy_schwarz(case, num):
    """tr(AB)^2 <= tr(AA^T) tr(BB^T)."""
    A, B = case.matrices
    yield conclude(at_most(num.trace(A @ B) * num.trace(A @ B), num.trace(A @ A.mT) * num.trace(B @ B.mT)))


CASES = dict.fromkeys(
    ("trace_of_a_product", "nearly_orthogonal", "traces_commute", "cauchy_schwarz"),
    matrices(count=2, min_dimension=2, max_dimension=2, laws=("gaussian", "uniform")),
)
'''
