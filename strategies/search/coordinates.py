"""The float entries of a case as one vector, and back: what an optimiser may move without breaking the structure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theorems.case import Array, arrays, known_svds
from theorems.domains import ANY, Domain
from theorems.strategies.search.projection import fitted

Vectors = NDArray[np.float64]


@dataclass(frozen=True)
class _Leaf:
    """How one array comes from its part of the vector.

    shape   of one member
    role    "plain"; "orthogonal" for U and V, "values" for s of a decomposition
    free    where entries may move: not where all members are zero, and only in one triangle of symmetric matrices
    mirror  whether the matrix is symmetric
    """

    shape: tuple[int, ...]
    role: str
    free: NDArray[np.bool_]
    mirror: bool
    fixed: Array


class Coordinates:
    """The coordinates of the cases around the members of a float64 batch.

    Entries that are zero, or one and the same number, in all members stay; symmetric matrices stay symmetric.  A
    decomposition moves by its factors, which are made orthogonal again (QR), and by its values, put in order again, so
    that what derives from it is consistent.  What the domain promises is restored (see `projection`).
    """

    def __init__(self, batch: Any, domain: Domain = ANY) -> None:
        self._batch, self._domain = batch, domain
        roles: dict[int, str] = {}
        for d in known_svds(batch):
            roles |= {id(d.U): "orthogonal", id(d.s): "values", id(d.V): "orthogonal"}
        self._leaves = [_leaf(array, roles.get(id(array), "plain")) for array in arrays(batch)]
        self.count = sum(int(leaf.free.sum()) for leaf in self._leaves)

    def vectors(self, batch: Any) -> Vectors:
        """The members of a batch of this structure as rows, (n, count)."""
        return np.concatenate(
            [a[:, leaf.free] for a, leaf in zip(arrays(batch), self._leaves, strict=True)], axis=1
        ).astype(np.float64)

    def case(self, vectors: Vectors) -> Any:
        """The batch whose members have these rows."""
        made: list[Array] = []
        begin = 0
        for leaf in self._leaves:
            count = int(leaf.free.sum())
            made.append(_array(leaf, vectors[:, begin : begin + count]))
            begin += count
        leaves = iter(made)
        return fitted(self._domain, self._batch, lambda name, array: next(leaves))


def _leaf(array: Array, role: str) -> _Leaf:
    # What is the same in all of several members is structure (zeros, the ones of an identity, a padding), not chance.
    moving = np.asarray((array != array[:1]).any(axis=0) if len(array) > 1 else array[0] != 0)
    mirror = role == "plain" and array.ndim == 3 and array.shape[1] == array.shape[2] > 1
    mirror = mirror and bool((array == array.mT).all())
    if mirror:
        moving = moving & np.triu(np.ones(array.shape[1:], dtype=bool))
    if role == "orthogonal" and not moving.any():
        role = "plain"
    elif role == "orthogonal":
        moving = np.ones(array.shape[1:], dtype=bool)
    return _Leaf(array.shape[1:], role, moving, mirror, array[0])


def _array(leaf: _Leaf, entries: Vectors) -> Array:
    array: Array = np.broadcast_to(leaf.fixed, (len(entries), *leaf.shape)).astype(np.float64)
    array[:, leaf.free] = entries
    if leaf.mirror:
        upper = np.triu(array)
        array = upper + np.triu(array, 1).mT
    if leaf.role == "values":
        return np.asarray(-np.sort(-np.abs(array), axis=-1))
    if leaf.role == "orthogonal" and array.size:
        Q, R = np.linalg.qr(array)
        sign = np.where(np.einsum("...ii->...i", R) < 0, -1.0, 1.0)
        return np.asarray(Q * sign[..., None, :])
    return array
