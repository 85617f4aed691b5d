"""How the commands print: lines, tables and bars for people, JSON alone for programs, one line for a complaint.

rich is imported where something is printed that needs it, so that a command that prints lines does without.
"""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Mapping, Sequence
from io import StringIO
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from theorems.judge.strict_json import layout, printable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

WIDTH, LEAST = 100, 40  # of a table; a terminal may be narrower, down to the second


def console(*, stderr: bool = False) -> Console:
    """A console that prints what it is given: no markup, no emoji, no guesses at highlighting."""
    from rich.console import Console

    class Quiet(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError  # `main` ends quietly; rich would exit with 1, which means a contradiction here

    made = Quiet(stderr=stderr, markup=False, emoji=False, highlight=False)
    made.width = width()
    return made


def width() -> int:
    """The columns that a table may take: those of the terminal, or that COLUMNS says, and in a pipe `WIDTH`."""
    return max(LEAST, min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns))


def bars(*, quiet: bool = False) -> Progress:
    """Progress bars on a terminal, and not a byte elsewhere or where it is to be quiet."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    out = console(stderr=True)
    shown = out.is_terminal and not quiet
    if not shown:
        out = Console(file=StringIO())  # rich before 15 ends even disabled bars with a line
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, console=out, disable=not shown, transient=True)


def say(*lines: str, style: str = "") -> None:
    """Print lines as they are: not wrapped, not cropped; what no terminal should act upon is written out."""
    if not style or not sys.stdout.isatty():
        sys.stdout.writelines(f"{printable(line)}\n" for line in lines)
        return
    from rich.text import Text

    out = console()
    for line in lines:
        out.print(Text(printable(line), style=style), soft_wrap=True)


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], *, fold: Mapping[int, int]) -> list[str]:
    """Aligned columns in at most `width()`; where that is too little, those of `fold` give up room, down to its widths

    and in its order, and go on in further lines.
    """
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    for column, least in fold.items():
        over = sum(widths) + 2 * (len(widths) - 1) - width()
        widths[column] = max(widths[column] - max(over, 0), min(widths[column], least))
    lines = []
    for row in (headings, ["-" * w for w in widths], *rows):
        cells = [textwrap.wrap(cell, w) if len(cell) > w else [cell] for cell, w in zip(row, widths, strict=True)]
        lines += [
            "  ".join(part.ljust(w) for part, w in zip(parts, widths, strict=True)).rstrip()
            for parts in zip_longest(*cells, fillvalue="")
        ]
    return lines


def complain(message: object) -> None:
    """One line on stderr, whatever is in the message."""
    print("theorems:", printable(" ".join(str(message).split())), file=sys.stderr)


def print_json(value: Any) -> None:
    """JSON alone on stdout."""
    sys.stdout.write(layout(value, ascii_only=True) + "\n")
