"""Counterexamples as HTML: matrices as matrices, small ones open and large ones folded."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Iterator
from html import escape
from typing import Any

import numpy as np

from theorems.case import SVD, Array, derived_arrays, fraction, named_leaves
from theorems.errors import InputError
from theorems.judge.reads import is_read
from theorems.page.plots import spectrum_html

#: A matrix with more rows or columns is folded.
OPEN_ROWS, OPEN_COLUMNS = 8, 10
#: What is larger still is not printed: its file has it.
MOST = 16
ZERO = "<var>0</var>"
LONGEST = 24  # of an exact entry
WIDE = 40  # characters in a row: then the box is a stop of the tab key, so that arrow keys scroll it


def case_html(case: Any, read: Collection[str] | None = None, *, most: int | None = None) -> str:
    """A case as a description list: what the statement reads of it, field by field, then what it derives from that.

    `read` has the names that the statement reads (`theorems.judge.reads`); without it all fields are there.  A matrix
    is set as I, 0 or diag(...) where it is one, a decomposition as U diag(s) V^T.  With `most`, only so many fields,
    those first that are arrays and not zero.
    """
    rows = list(_fields(case, "", read))
    rows += [
        (f"{name} (derived)", _array(array, name))
        for name, array in derived_arrays(case)
        if read is None or name in read
    ]
    if most is not None:
        rows = sorted(rows, key=lambda row: not _tells(row[1]))[:most]
        return _rows(rows)
    left = sum(not is_read(name, read) for name, _ in named_leaves(case))
    rest = f'<p class="small">{left} field{" is" if left == 1 else "s are"} not read, and left out.</p>' if left else ""
    return f"{_rows(rows)}{rest}"


def _rows(rows: Iterable[tuple[str, str]]) -> str:
    items = "".join(f"<dt><code>{escape(name)}</code></dt><dd>{value}</dd>" for name, value in rows)
    return f'<dl class="case">{items}</dl>'


def _tells(value: str) -> bool:
    """Whether a field is an array that is neither zero nor folded."""
    return ("(" in value or "<" in value) and ZERO not in value and "<details" not in value


def _fields(value: object, name: str, read: Collection[str] | None) -> Iterator[tuple[str, str]]:
    """The fields that are read with their names, a decomposition as one of them."""
    if isinstance(value, SVD) and any(is_read(f"{name}.{leaf}", read) for leaf in ("U", "s", "V")):
        yield name, _decomposition(value, name)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            inner = f"{name}.{field.name}" if name else field.name
            yield from _fields(getattr(value, field.name), inner, read)
    elif isinstance(value, tuple) and any(not isinstance(item, int | str) for item in value):
        for i, item in enumerate(value):
            yield from _fields(item, f"{name}[{i}]", read)
    elif (isinstance(value, np.ndarray) or value not in (None, ())) and is_read(name, read):
        yield name, _leaf(value, name)


def _decomposition(svd: SVD, name: str) -> str:
    """U diag(s) V^T, the factors that are the identity left out, and bars for a spectrum of three values and more."""
    left, right = not _is_identity(svd.U), not _is_identity(svd.V)
    product = f"{'<var>U</var> ' if left else ''}diag{_vector(svd.s)}{' <var>V</var><sup>⊤</sup>' if right else ''}"
    shown = [(part, factor) for part, factor, is_shown in (("U", svd.U, left), ("V", svd.V, right)) if is_shown]
    words = "".join(f'<div class="factor"><var>{part}</var> = {_array(factor, name)}</div>' for part, factor in shown)
    return f"{product}{spectrum_html(svd.s)}{words}"


def _leaf(leaf: object, name: str) -> str:
    if isinstance(leaf, np.ndarray):
        return _array(leaf, name)
    if isinstance(leaf, tuple):
        return escape(f"({', '.join(map(str, leaf))})")
    return escape(str(leaf))


def _array(array: Array, name: str) -> str:
    if array.ndim == 0:
        return plain(array.item())
    if array.ndim > 2:
        parts = (f"<li>{_array(part, f'{name}[{i}]')}</li>" for i, part in enumerate(array))
        return f'<ol class="stack" start="0">{"".join(parts)}</ol>'
    if array.ndim == 1:
        return f"{_vector(array)}" if array.size <= MOST else f"{array.size} entries, in its file"
    size = f"{array.shape[0]} × {array.shape[1]}"
    if not array.size:
        return f"empty, {size}"
    if _is_identity(array) and len(array) > 1:
        return f"<var>I</var>, {size}"
    if not array.any() and array.size > 1:
        return f"{ZERO}, {size}"
    if _is_diagonal(array) and len(array) > 1:
        return f"diag{_vector(np.diagonal(array))}"
    if array.shape[0] > MOST or array.shape[1] > MOST:
        return f"{size}, in its file"
    table = _table(array, f"{name}, {size}")
    if array.shape[0] <= OPEN_ROWS and array.shape[1] <= OPEN_COLUMNS:
        return table
    return f'<details class="fold"><summary>{size} matrix</summary>{table}</details>'


def _is_diagonal(array: Array) -> bool:
    square = array.ndim == 2 and array.shape[0] == array.shape[1]
    return square and not (array[~np.eye(len(array), dtype=bool)] != 0).any()


def _is_identity(array: Array) -> bool:
    return _is_diagonal(array) and all(value == 1 for value in np.diagonal(array))


def _vector(array: Array) -> str:
    """(a, b, c); of many entries the first and how many there are."""
    text = ", ".join(plain(value) for value in array.tolist()[:OPEN_COLUMNS])
    return f"({text})" if array.size <= OPEN_COLUMNS else f"({text}, …), {array.size} entries"


def _table(matrix: Array, label: str) -> str:
    """A matrix as a table between brackets (few fonts stretch those of MathML)."""
    rows = "".join(f"<tr>{''.join(f'<td>{plain(value)}</td>' for value in row)}</tr>" for row in matrix.tolist())
    widest = max(sum(min(len(str(value)), LONGEST) + 2 for value in row) for row in matrix.tolist())
    reach = f' tabindex="0" role="group" aria-label="{escape(label)}"' if widest > WIDE else ""
    return f'<div class="scroll"{reach}><table class="matrix">{rows}</table></div>'


def plain(value: Any) -> str:
    """An entry as text: exactly, and where that is long, about."""
    text = str(value)
    if len(text) > LONGEST:
        try:
            text = f"≈ {float(fraction(value)):.6g}"
        except (InputError, OverflowError, ValueError):
            text = f"{text[: LONGEST - 2]} …"
    return escape(text.replace("-", "−"))
