"""The releases that numbers depend on: this package, Hypothesis, NumPy, and the kernel that its BLAS has chosen here.

Draws are a function of the seed under one release of Hypothesis.  Float64 counts are besides a function of the BLAS
kernel, for kernels sum in different orders, and a margin within rounding may fall on either side.
"""

from __future__ import annotations

import ctypes
import platform
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

#: The names under which builds of OpenBLAS export the name of the kernel that they have chosen.
_CORE_NAMES = ("scipy_openblas_get_corename64_", "openblas_get_corename64_", "openblas_get_corename")


def versions() -> dict[str, str]:
    """Release by name, as a journal keeps them."""
    return {
        "theorem-checker": _release("theorem-checker"),
        "Python": ".".join(platform.python_version_tuple()[:2]),
        "Hypothesis": _release("hypothesis"),
        "NumPy": np.__version__,
        "BLAS": _blas(),
    }


def _release(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _blas() -> str:
    """Name, version and kernel: "scipy-openblas 0.3.31 Haswell"; without the kernel where it cannot be told."""
    config: Any = np.show_config(mode="dicts")
    found = config.get("Build Dependencies", {}).get("blas", {})
    return " ".join(str(word) for word in (found.get("name", "unknown"), found.get("version", ""), _kernel()) if word)


def _kernel() -> str:
    """What OpenBLAS says that it runs on this processor; nothing for another library."""
    package = Path(np.__file__).parent
    for path in sorted([*package.parent.glob("numpy.libs/*openblas*"), *package.glob(".dylibs/*openblas*")]):
        with suppress(OSError):
            library = ctypes.CDLL(str(path))  # loaded already: this is a handle on it
            for name in _CORE_NAMES:
                if hasattr(library, name):
                    corename = getattr(library, name)
                    corename.restype = ctypes.c_char_p
                    return (corename() or b"").decode(errors="replace")
    return ""
