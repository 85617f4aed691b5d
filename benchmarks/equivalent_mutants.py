"""Mutants that live, and why: what `benchmarks.mutation` leaves out of its second and third score.

`equivalent_mutants.json` is a list of objects, sorted: "path", "scope" (the class and function around it), "place" (the
line with the changed expression in angle quotes), "after" (what it becomes), "kind" and "reason".  A mutant is known by
the first four (`Mutant.key`), so that it is found again when lines move.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

#: "equivalent"  no input tells it from the source
#: "speed"       the same answers, sooner or later
#: "tuning"      a constant of which nothing is promised but its order of magnitude
#: "display"     only what a reader sees, or how the survivors of a search are ranked
KINDS: Final = ("equivalent", "speed", "tuning", "display")

TABLE: Final[list[dict[str, str]]] = json.loads(
    Path(__file__).with_name("equivalent_mutants.json").read_text(encoding="utf-8")
)
#: Kind and reason of each.
SURVIVORS: Final = {
    (row["path"], row["scope"], row["place"], row["after"]): (row["kind"], row["reason"]) for row in TABLE
}
