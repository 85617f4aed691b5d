"""The ledger: what was checked, claim by claim, as plain text of at most 100 columns."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from theorems.judge.tally import Tally

WIDTH = 100
#: The least room for keys and names of strata; what is longer goes on in a second line.
LEAST = 24
#: Strata whose members are independent draws of a continuous law, given the recipe.
INDEPENDENT = ("gaussian", "uniform", "Xavier uniform", "Xavier weights, gaussian target", "orthogonal weights")


@dataclass(frozen=True)
class LedgerRow:
    """One line of the ledger: a claim, its verdict, and what was seen of it."""

    key: str
    verdict: str
    tally: Tally
    seconds: float


def ledger_table(rows: Iterable[LedgerRow], width: int = WIDTH) -> str:
    """The ledger as aligned text: live instances in float64 and exactly, worst margin, the share of undecided ones, the
    number of those that speak against a claim (where there are any), vacuous ones, seconds.

    It has at most `width` columns, where its numbers leave so many.
    """
    rows = list(rows)
    headings = ("claim", "verdict", "float64", "exact", "worst", "undec.", "against", "vacuous", "s")
    lines = [
        (
            row.key,
            row.verdict,
            number(row.tally.instances),
            number(row.tally.exact),
            margin(row.tally.worst),
            share(row.tally.undecided, row.tally),
            number(_against(row.tally)),
            number(row.tally.vacuous),
            f"{row.seconds:.1f}",
        )
        for row in rows
    ]
    column = "" if any(_against(row.tally) for row in rows) else "against"
    return _table_without(headings, lines, column, left=2, width=width)


def _against(tally: Tally) -> int:
    """The instances that speak against a claim: accused, or a construction misses."""
    return tally.accused + tally.construction_misses


def _table_without(
    headings: Sequence[str], rows: Sequence[Sequence[str]], column: str, *, left: int, width: int
) -> str:
    """The table without a column that has nothing to say."""
    kept = [place for place, heading in enumerate(headings) if heading != column]
    return table([headings[i] for i in kept], [[row[i] for i in kept] for row in rows], left=left, width=width)


def strata_table(strata: Mapping[str, Tally], width: int = WIDTH) -> str:
    """What was seen of one claim, stratum by stratum, and in total, with the share of vacuous instances."""
    headings = ("stratum", "float64", "exact", "vacuous", "undecided", "against", "artefacts", "worst margin")
    total = Tally()
    for tally in strata.values():
        total.add(tally)
    ordered = sorted(strata.items(), key=lambda item: (-item[1].instances, item[0]))
    rows = [_stratum(name, tally) for name, tally in [*ordered, ("in all", total)]]
    return _table_without(headings, rows, "" if _against(total) else "against", left=1, width=width)


def violation_bound(strata: Mapping[str, Tally]) -> tuple[int, float] | None:
    """The number N of decided or accused members of independent strata, and a bound of the rate of violations.

    At 95% confidence, a violation that float64 sees has at most that probability under the laws drawn from; an accused
    member is a violation.  None where no stratum has independent members: matrices by name, and blocks of a few real
    ones, say nothing of a rate.
    """
    names = [name for name in strata if name.endswith(tuple(f", {law}" for law in INDEPENDENT)) or name in INDEPENDENT]
    count = sum(max(0, strata[name].instances - strata[name].undecided) for name in names)
    violations = sum(min(strata[name].accused, strata[name].instances) for name in names)
    return (count, _rate(min(violations, count), count)) if count else None


def _rate(violations: int, count: int) -> float:
    """An upper bound, at 95%, of the probability of what was seen so many times in so many draws.

    Chernoff's: the p with N D(k/N || p) = log 20, which is the rule of three, 3/N, for k = 0.
    """
    if violations == 0:
        return min(1.0, 3 / count)
    seen = violations / count
    low, high = seen, 1.0
    for _ in range(60):
        p = (low + high) / 2
        far = seen * math.log(seen / p) + ((1 - seen) * math.log((1 - seen) / (1 - p)) if seen < 1 else 0.0)
        low, high = (low, p) if count * far > math.log(20) else (p, high)
    return high


def share(part: int, tally: Tally) -> str:
    """A part of the live instances in per cent: "0%" for none, "<0.1%" for few."""
    if not part:
        return "0%"
    value = 100 * part / max(tally.live, 1)
    return "<0.1%" if value < 0.1 else f"{value:.1f}%" if value < 10 else f"{value:.0f}%"


def number(value: int) -> str:
    """An integer with thousands separated."""
    return f"{value:,}"


def margin(value: float) -> str:
    """A margin in a few characters; "-" where none was seen."""
    return f"{value + 0.0:.1e}" if math.isfinite(value) and value else "0" if value == 0 else "-"


def _stratum(name: str, tally: Tally) -> tuple[str, ...]:
    tried = tally.instances + tally.exact + tally.vacuous
    share = f" ({tally.vacuous / tried:.0%})" if tally.vacuous else ""
    against = number(_against(tally))
    counts = (number(tally.undecided), against, number(tally.artefacts), margin(tally.worst))
    return (name, number(tally.instances), number(tally.exact), f"{number(tally.vacuous)}{share}", *counts)


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], *, left: int, width: int = WIDTH) -> str:
    """Aligned columns; the first one is folded where it is long, the first `left` ones start at the left."""
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    widths[0] = min(widths[0], max(LEAST, width - sum(widths[1:]) - 2 * (len(widths) - 1)))
    lines = [_line(headings, widths, left), "  ".join("-" * column for column in widths)]
    for row in rows:
        head, *tail = folded(row[0], widths[0])
        lines += [_line((head, *row[1:]), widths, left), *tail]
    return "\n".join(lines)


def _line(cells: Sequence[str], widths: Sequence[int], left: int) -> str:
    pairs = enumerate(zip(cells, widths, strict=True))
    return "  ".join(c.ljust(w) if i < left else c.rjust(w) for i, (c, w) in pairs).rstrip()


def folded(text: str, width: int) -> list[str]:
    """A key or name in lines of at most `width`: broken before a part or reading, else at a blank or hyphen."""
    lines, room = [], width
    while len(text) > room:
        cut = room
        for pattern in (r"[:.](?=[^\d])", r"(?<= )|(?<=-)"):
            breaks = [match.start() for match in re.finditer(pattern, text[: room + 1]) if 2 < match.start() <= room]
            if breaks:
                cut = breaks[-1]
                break
        lines.append(text[:cut].rstrip())
        text, room = text[cut:], width - 2
    lines.append(text)
    return [lines[0], *(f"  {line}" for line in lines[1:])]
