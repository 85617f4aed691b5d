"""A change of the product as factors, with its rank given, decided exactly, or by a stated gap."""

from __future__ import annotations

from typing import Any

import numpy as np

from theorems.arithmetic import Rational
from theorems.case import Array
from theorems.models.linear import Adapter

#: In floats a singular value of E below GAP * eps * max(||target||_F, ||prod W||_F) counts as zero (rounding).
GAP = 16.0


def rank_by_gap(s: Array, scale: float, dtype: Any) -> int:
    """How many singular values exceed ``GAP * eps * scale``."""
    return int((s > GAP * np.finfo(dtype).eps * scale).sum())


def float_change(E: Array, rank: int) -> Adapter:
    """E (D, D), cut at the given rank, as U and diag(s) V^T."""
    U, s, Vt = np.linalg.svd(E)
    return Adapter(U[:, :rank], s[:rank, None] * Vt[:rank])


def exact_change(E: Array) -> Adapter:
    """E (D, D) of FLINT's rationals as pivot columns times the reduced echelon form: rank(E) columns, exactly."""
    num = Rational()
    columns: list[int] = []
    rows = [list(row) for row in E.tolist()]
    D, k = len(rows), 0
    for j in range(D):
        pivot = next((i for i in range(k, D) if rows[i][j] != 0), None)
        if pivot is None:
            continue
        rows[k], rows[pivot] = rows[pivot], rows[k]
        leading = rows[k][j]
        rows[k] = [entry / leading for entry in rows[k]]
        for i in range(D):
            if i != k and rows[i][j] != 0:
                factor = rows[i][j]
                rows[i] = [entry - factor * other for entry, other in zip(rows[i], rows[k], strict=True)]
        columns.append(j)
        k += 1
    A = num.zeros(k, D)
    for i in range(k):
        A[i, :] = rows[i]
    return Adapter(E[:, columns], A)
