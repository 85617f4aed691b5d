"""Counterexamples as HTML: matrices as matrices, small ones open and large ones folded."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np

from theorems.case import Array, derived_arrays, fraction, named_leaves
from theorems.errors import InputError

#: A matrix with more rows or columns is folded.
OPEN_ROWS, OPEN_COLUMNS = 8, 10
#: Of a matrix that is larger still, only so many rows and columns are printed; its file has them all.
MOST = 24
LONGEST = 24  # of an exact entry
WIDE = 40  # characters in a row: then the box is a stop of the tab key, so that arrow keys scroll it


def case_html(case: Any) -> str:
    """A case field by field, then the arrays that it derives from them, as a description list."""
    rows = [(name, _leaf(leaf, name)) for name, leaf in named_leaves(case)]
    rows += [(f"{name} (derived)", _array(array, name)) for name, array in derived_arrays(case)]
    items = "".join(f"<div><dt><code>{escape(name)}</code></dt><dd>{value}</dd></div>" for name, value in rows)
    return f'<dl class="case">{items}</dl>'


def entry(value: Any) -> str:
    """An entry as MathML: exactly as an integer or fraction, and where that is long, about."""
    text = str(value)
    if len(text) > LONGEST:
        try:
            text = f"{float(fraction(value)):.10g}"
        except (InputError, OverflowError, ValueError):
            return f"<mtext>{escape(text[: LONGEST - 2])} …</mtext>"
        return f'<mrow><mo form="prefix">≈</mo>{_number(text)}</mrow>'
    return _number(text)


def _number(text: str) -> str:
    sign, digits = ('<mo form="prefix">−</mo>', text[1:]) if text.startswith("-") else ("", text)
    above, slash, below = digits.partition("/")
    number = f"<mn>{escape(above)}</mn>"
    if slash:
        number += f'<mo lspace="0" rspace="0">/</mo><mn>{escape(below)}</mn>'
    return f"<mrow>{sign}{number}</mrow>" if sign or slash else number


def _leaf(leaf: object, name: str) -> str:
    if isinstance(leaf, np.ndarray):
        return _array(leaf, name)
    if isinstance(leaf, tuple):
        return escape(f"({', '.join(map(str, leaf))})")
    return escape(str(leaf))


def _array(array: Array, name: str) -> str:
    if array.ndim == 0:
        return f"<math>{entry(array.item())}</math>"
    if array.ndim > 2:
        parts = (f"<li>{_array(part, f'{name}[{i}]')}</li>" for i, part in enumerate(array))
        return f'<ol class="stack" start="0">{"".join(parts)}</ol>'
    matrix = array[None, :] if array.ndim == 1 else array
    size = f"{matrix.shape[0]} × {matrix.shape[1]}"
    if not matrix.size:
        return f"empty, {size}"
    table = _table(matrix, f"{name}, {size}")
    if matrix.shape[0] <= OPEN_ROWS and matrix.shape[1] <= OPEN_COLUMNS:
        return table
    return f'<details class="fold"><summary>{size} matrix</summary>{table}</details>'


def _table(matrix: Array, label: str) -> str:
    shown = matrix[:MOST, :MOST]
    rows = []
    widest = 0
    for row in shown.tolist():
        dots = "<mtd><mo>⋯</mo></mtd>" if matrix.shape[1] > MOST else ""
        rows.append("<mtr>" + "".join(f"<mtd>{entry(value)}</mtd>" for value in row) + f"{dots}</mtr>")
        widest = max(widest, sum(min(len(str(value)), LONGEST) + 2 for value in row))
    if matrix.shape[0] > MOST:
        rows.append("<mtr><mtd><mo>⋮</mo></mtd></mtr>")
    table = f"<mtable>{''.join(rows)}</mtable>"
    math = f'<span class="matrix"><math>{table}</math></span>'  # brackets by the style: few fonts stretch them
    reach = f' tabindex="0" role="group" aria-label="{escape(label)}"' if widest > WIDE else ""
    return f'<div class="scroll"{reach}>{math}</div>'
