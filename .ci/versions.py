"""Print a line on this Python and the versions of what it runs with; ``--head``: the line above them."""

from __future__ import annotations

import importlib.metadata
import platform
import sys

PACKAGES = ("numpy", "scipy", "hypothesis", "mpmath", "python-flint", "rich", "safetensors", "onnx", "pytest")


def version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "-"


if __name__ == "__main__":
    cells = ["", "Python", *PACKAGES]
    if sys.argv[1:] != ["--head"]:
        cells = [sys.argv[1], platform.python_version(), *map(version, PACKAGES)]
    print("".join(f"{cell:<13}" for cell in cells).rstrip())
