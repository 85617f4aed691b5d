"""Other packages: one that is optional and not there is named in one line, with its extra; the threads of a BLAS."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from theorems.errors import InputError

#: Read by BLAS libraries when they are loaded, so it must be in the environment before whoever works imports NumPy.
ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


class MissingPackage(InputError):
    """An optional package is not installed."""


def remedy(extra: str) -> str:
    """The command that installs an extra."""
    return f"pip install 'theorem-checker[{extra}]'"


def required(module: str, extra: str) -> Any:
    """The module.  Raises `MissingPackage` where its package is not installed."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        if error.name != package:
            raise
        raise MissingPackage(f"this needs the package {package}, which is not installed: {remedy(extra)}") from None


def installed(*packages: str) -> bool:
    """Whether all of them can be imported."""
    return all(find_spec(package) is not None for package in packages)
