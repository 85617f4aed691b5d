"""Where guesses are computed: by NumPy, or by torch on a device, a GPU where there is one.

Singular vectors are a guess wherever they come from: what is certified is proved from them afterwards, by NumPy in
float64 with all rounding counted (`theorems.weights.certified`, `theorems.weights.enough`).  A device that computes
worse makes an interval wider, and never wrong.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from theorems.errors import InputError
from theorems.weights.stored import Floats

NUMPY, AUTO = "numpy", "auto"


def device_of(asked: str) -> str:
    """`NUMPY`, or a device of torch that works; `AUTO` is a GPU where torch finds one, and NumPy elsewhere.

    Raises `InputError` for a device that there is not.
    """
    if asked == NUMPY:
        return NUMPY
    try:
        import torch
    except ImportError:
        if asked == AUTO:
            return NUMPY
        raise InputError(f"--device {asked} needs torch: 'theorem-checker[peft]' has it, or leave it out") from None
    if asked == AUTO:
        return "cuda" if torch.cuda.is_available() else NUMPY
    try:
        torch.zeros(1, device=asked)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        said = " ".join(str(error).split("\n")[0].split())[:120]
        raise InputError(f"--device {asked}: torch has no such device here ({said}): leave it out, or auto") from None
    return asked


def svd_guess(A: Floats, device: str) -> tuple[Floats, Floats, Floats] | None:
    """U, s, V^T of A, about; None where the device cannot, and NumPy has to."""
    return _tried(device, lambda torch, there: torch.linalg.svd(there(A), full_matrices=False))


def leading_guess(A: Floats, omega: Floats, powers: int, device: str) -> tuple[Floats, Floats, Floats] | None:
    """U, s, V^T of Q Q^T A, Q orthonormal columns of (A A^T)^powers A omega; None where the device cannot."""

    def found(torch: Any, there: Any) -> Any:
        E = there(A)
        Q = torch.linalg.qr(E @ there(omega))[0]
        for _ in range(powers):
            Q = torch.linalg.qr(E @ torch.linalg.qr(E.T @ Q)[0])[0]
        U, s, Vt = torch.linalg.svd(Q.T @ E, full_matrices=False)
        return Q @ U, s, Vt

    return _tried(device, found)


def _tried(device: str, work: Any) -> tuple[Floats, Floats, Floats] | None:
    if device == NUMPY:
        return None
    import torch

    kind = torch.float32 if device.startswith("mps") else torch.float64
    try:
        with torch.no_grad():
            found = work(torch, lambda X: torch.tensor(np.ascontiguousarray(X), dtype=kind, device=device))
            U, s, Vt = (each.cpu().double().numpy() for each in found)
    except RuntimeError:  # out of memory, or no convergence
        return None
    return (U, s, Vt) if all(np.isfinite(each).all() for each in (U, s, Vt)) else None
