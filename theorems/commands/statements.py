"""For every sentence of the page: its verdict, the reading that stands instead, and on what each of the two rests.

A sentence is taken as the page means it, and a misprint to the letter as well.

A claim that something exists rests on a construction, or falls by an obstruction, a lower bound for every choice; a
construction may be hollow, where the right side of the claim depends on the choice.  Other claims survive on instances,
or fall by a counterexample.  Where tightness was measured (`theorems show KEY`), the last column says so.
"""

from __future__ import annotations

import argparse
from collections import Counter
from typing import Any

from theorems.claim import Claim
from theorems.evidence import tightness
from theorems.judge.existence import ground
from theorems.report.printing import print_json, say
from theorems.report.selection import catalogue, family, selected, statement_of, verdict_of
from theorems.report.totals import is_printed, totals, word_of

NAME = "statements"
_HEADINGS = ("of the page", "verdict", "rests on", "stands as", "rests on", "tight")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "example: theorems statements zeng-lee/lemma-11 zeng-lee/theorem-5"
    parser.add_argument("keys", nargs="*", metavar="KEY", help="statements, or parts of one; all of them by default")
    parser.add_argument("--json", action="store_true", help="print an array of objects, and nothing else")


def run(arguments: argparse.Namespace) -> int:
    keys = chosen(arguments.keys)
    claims = catalogue()
    groups: dict[str, list[Claim]] = {}
    for key in keys:
        groups.setdefault(statement_of(key), []).append(claims[key])
    if arguments.json:
        print_json([row(claim, claims) for group in groups.values() for claim in group])
        return 0
    rows = []
    for group in groups.values():
        printed = [claim for claim in group if is_printed(claim.key)] or group
        rows += [_cells(claim, claims) for claim in printed]
    _print(rows)
    counts = Counter(f"{word_of(claims[key])} by {ground(claims[key])}" for key in keys)
    say("", *(f"{count:4} {word}" for word, count in counts.most_common()))
    say("", *totals({key: word_of(claims[key]) for key in keys}))
    return 0


def chosen(names: list[str]) -> list[str]:
    """The keys of all parts and readings of the statements named; of all of them where none is."""
    if not names:
        return list(catalogue())
    return list(dict.fromkeys(key for name in selected(names) for key in _relatives(name)))


def _relatives(key: str) -> list[str]:
    """A claim that is named, with its parts and readings."""
    return [claim.key for claim in family(key, catalogue())]


def row(claim: Claim, claims: dict[str, Claim]) -> dict[str, Any]:
    """A claim as JSON data."""
    repair = claims.get(claim.repaired_by or "")
    return {
        "statement": statement_of(claim.key),
        "key": claim.key,
        "reading": claim.reading,
        "verdict": verdict_of(claim),
        "kind": claim.kind.value if claim.kind else None,
        "ground": ground(claim),
        "reason": claim.reason,
        "repaired_by": claim.repaired_by,
        "ground_of_repair": ground(repair) if repair else None,
        "tightness": tightness.describe(claim),
    }


def _cells(claim: Claim, claims: dict[str, Claim]) -> tuple[str, ...]:
    repair = claims.get(claim.repaired_by or "")
    measured = tightness.describe(claim) is not None or (repair is not None and tightness.describe(repair) is not None)
    same = repair is not None and statement_of(repair.key) == statement_of(claim.key)
    stands = "" if repair is None else repair.key.partition("/")[2] if not same else _within(repair.key)
    return (
        claim.key.partition("/")[2], word_of(claim), ground(claim), stands,
        ground(repair) if repair else "", "yes" if measured else "",
    )  # fmt: skip


def _within(key: str) -> str:
    """Part and reading of a key, without the statement."""
    return key.removeprefix(statement_of(key)).lstrip(".")


def _print(rows: list[tuple[str, ...]]) -> None:
    lines = [_HEADINGS, *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    limits = [26, 12, 14, 25, 13, 5]
    widths = [min(width, limit) for width, limit in zip(widths, limits, strict=True)]
    for line in lines:
        folded = [_folded(cell, width) for cell, width in zip(line, widths, strict=True)]
        for part in range(max(map(len, folded))):
            cells = (f[part] if part < len(f) else "" for f in folded)
            say(" ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip())


def _folded(text: str, width: int) -> list[str]:
    """The text in lines of at most `width`, those after the first indented by a blank."""
    lines = [text[:width]]
    text = text[width:]
    while text:
        lines.append(f" {text[: width - 1]}")
        text = text[width - 1 :]
    return lines
