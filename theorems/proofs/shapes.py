"""Shapes: everything of a case but its entries, the axes of its arrays and its integers and words."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from theorems.case import arrays, named_leaves, parts

_INDEX = re.compile(r"\[\d+\]")


def sizes(case: Any) -> str:
    """The shape of a case in words, the same for two cases exactly when they have one shape.

    Arrays of one name and one shape are counted: "frozen.weights 2x2 (2), error.U 2x2, ranks (1, 1)".
    """
    counted: dict[str, int] = {}
    for name, leaf in named_leaves(case):
        plain = _INDEX.sub("", name)
        text = "x".join(map(str, leaf.shape)) if isinstance(leaf, np.ndarray) else _text(leaf)
        counted[f"{plain} {text}"] = counted.get(f"{plain} {text}", 0) + 1
    return ", ".join(text if count == 1 else f"{text} ({count} times)" for text, count in counted.items())


def _text(leaf: Any) -> str:
    return "(" + ", ".join(map(str, leaf)) + ")" if isinstance(leaf, tuple) else str(leaf)


def side(case: Any) -> int:
    """The longest axis among the arrays; zero where there are none."""
    return max((max(array.shape, default=0) for array in arrays(case)), default=0)


def entries(case: Any) -> int:
    """How many entries the arrays have."""
    return sum(array.size for array in arrays(case))


def depth(case: Any) -> int:
    """The longest tuple of arrays, or of parts that hold arrays: the layers of a model."""
    return max((len(part) for part in parts(case) if isinstance(part, tuple) and any(map(arrays, part))), default=0)
