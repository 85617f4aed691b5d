"""How exactly exact representation comes out: residuals of the constructions beside the condition numbers.

For every claim, by kind of case: the residual of the conclusion in float64 (relative to the claim's scale), the largest
condition number among the matrices that the construction solves with, and the worst residual in units of 2^-53 times
that condition number: a few units mean that the conditioning explains it.  (The pivots of an elimination and the loss
where a target vanishes beside the weights are not in that number.)  Beside it, on the same instances, the residual of
the midpoint flag (relative to the larger of target and frozen product): what diverges in the one column and not in the
other diverges by construction, not by the theorem.  Then the instances with the worst residuals once
more in mpmath: where the representation is exact, the residual falls with the precision.

Exits 1 when a residual does not fall.
"""

from __future__ import annotations

import argparse
import math
from typing import Any

from theorems.catalogue import strategy as strategy_of
from theorems.claim import Claim
from theorems.errors import InputError
from theorems.report.printing import bars, print_json, say
from theorems.report.selection import catalogue, selected
from theorems.texts.zeng_lee.commands.kinds_of_residuals import DIGITS, Residuals, measured

NAME = "residuals"
RECIPES = 60
#: The claims of exact representation, which are measured where no KEY is given.
EXACT_REPRESENTATION = (
    "zeng-lee/lemma-9.exactness",
    "zeng-lee/lemma-9.exactness:without-partial-sums",
    "zeng-lee/lemma-10.exactness",
    "zeng-lee/lemma-10.exactness:without-partial-sums",
    "zeng-lee/lemma-11.exactness",
    "zeng-lee/lemma-11.exactness:without-partial-sums",
    "zeng-lee/lemma-11.identity:repaired",
    "zeng-lee/equation-14",
    "zeng-lee/equation-14.bias",
    "zeng-lee/lemma-12.exactness",
    "zeng-lee/lemma-12.exactness:without-partial-sums",
    "zeng-lee/theorem-3",
    "zeng-lee/theorem-3:without-partial-sums",
    "zeng-lee/equation-15:repaired",
    "zeng-lee/corollary-4",
    "zeng-lee/corollary-4:any-target",
    "zeng-lee/theorem-15.exactness",
    "zeng-lee/theorem-17",
    "zeng-lee/theorem-17:without-partial-sums",
    "zeng-lee/corollary-18",
    "zeng-lee/theorem-6",
    "zeng-lee/theorem-6:without-partial-sums",
    "zeng-lee/corollary-20",
    "ours/proposition-a",
    "ours/midpoint-flag",
)
_HEADINGS = ("cases", "float64", "cond.", "worst", "error", "worst", "units", "flag", "worst")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "example: theorems residuals zeng-lee/theorem-3"
    parser.add_argument(
        "keys", nargs="*", metavar="KEY", help="claims or statements; by default those of exact representation"
    )
    parser.add_argument("--seed", type=int, default=0, help="another seed draws other instances (default 0)")
    parser.add_argument("--recipes", type=int, default=RECIPES, help=f"for each claim (default {RECIPES})")
    parser.add_argument("--json", action="store_true", help="print an array of objects, and nothing else")


def run(arguments: argparse.Namespace) -> int:
    if arguments.seed < 0 or arguments.recipes < 1:
        raise InputError(f"--seed {arguments.seed} --recipes {arguments.recipes}: a seed is 0 or larger, "
                         "and at least one recipe is needed")  # fmt: skip
    claims = chosen_claims(arguments.keys)
    found: list[tuple[Claim, list[Residuals]]] = []
    with bars() as progress:
        bar = progress.add_task("", total=len(claims))
        for claim in claims:
            progress.update(bar, description=claim.key)
            rows = measured(claim, strategy_of(claim.key), seed=arguments.seed, recipes=arguments.recipes)
            if any(row.instances or row.undefined for row in rows):
                found.append((claim, rows))
                if not arguments.json:
                    show(claim, rows)
            progress.advance(bar)
    if not found:
        raise InputError(f"{' '.join(arguments.keys)}: no conclusion of these claims is an equality or asks for a "
                         "construction: give claims of exact representation")  # fmt: skip
    bad = [claim.key for claim, rows in found if any(row.falling() is False for row in rows)]
    if arguments.json:
        print_json([as_json(claim, rows) for claim, rows in found])
        return int(bool(bad))
    say("cond., error (residual), flag: median, and worst; units: the error in units of 2^-53 cond.;")
    say("flag: the residual of the midpoint flag on the same instances; at 50: the residual with 50 digits")
    say(*(f"contradiction: {key}: a residual does not fall with the precision" for key in bad), style="bold")
    return int(bool(bad))


def chosen_claims(keys: list[str]) -> list[Claim]:
    """The claims that the keys stand for, those that stand; by default `EXACT_REPRESENTATION`."""
    if not keys:
        return [catalogue()[key] for key in EXACT_REPRESENTATION]
    chosen = [catalogue()[key] for key in selected(keys)]
    standing = [claim for claim in chosen if claim.verdict is not None and claim.verdict.stands]
    if not standing:
        raise InputError(f"{' '.join(keys)}: no reading of it stands, and what is false has no residual to explain: "
                         "give a claim that stands (`theorems list`)")  # fmt: skip
    return standing


def show(claim: Claim, rows: list[Residuals]) -> None:
    """The table of a claim."""
    headings = (*_HEADINGS, *(f"at {digits}" for digits in DIGITS), "falls")
    lines = [headings, *(_cells(row) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    say(claim.key, style="bold")
    for line in lines:
        first, *rest = (cell.rjust(width) for cell, width in zip(line, widths, strict=True))
        say("  " + "  ".join([first.strip().ljust(widths[0]), *rest]).rstrip())
    lost = sum(row.undefined for row in rows)
    if lost:
        say(f"  {lost} live instances on which floats could not form the construction")
    if lost := sum(row.lost for row in rows):
        say(f"  {lost} live instances on which floats could not form the midpoint flag")
    say("")


def _cells(row: Residuals) -> tuple[str, ...]:
    if not row.instances:
        return (row.kind, "none", *[""] * (len(_HEADINGS) - 2 + len(DIGITS)), "")
    n = row.numbers()
    numbers = [_short(n[name]) for name in ("condition", "worst_condition", "median", "worst")]
    falling = {True: "yes", False: "NO", None: "-"}[row.falling()]
    at = [_short(row.at(place)) for place in range(len(DIGITS))]
    flag = [_short(value) for value in row.of_flag()]
    return (row.kind, f"{row.instances:,}", *numbers, f"{n['ratio']:.2g}", *flag, *at, falling)


def _short(value: float) -> str:
    return "-" if math.isnan(value) else "0" if value == 0 else f"{value:.0e}"


def as_json(claim: Claim, rows: list[Residuals]) -> dict[str, Any]:
    """A claim and its rows as JSON data; null for what was not seen."""
    return {
        "key": claim.key,
        "cases": [
            {
                "kind": row.kind,
                "instances": row.instances,
                "undefined": row.undefined,
                **{name: _finite(value) for name, value in row.numbers().items()},
                "midpoint_flag": dict(zip(("median", "worst"), map(_finite, row.of_flag()), strict=True)),
                "midpoint_flag_undefined": row.lost,
                "confirmed": len(row.confirmed),
                "residual_at_digits": {str(d): _finite(row.at(place)) for place, d in enumerate(DIGITS)},
                "falls": row.falling(),
            }
            for row in rows
        ],
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
