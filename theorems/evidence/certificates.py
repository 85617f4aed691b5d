"""The stored certificates of proofs: a file for each claim, and their replay (`theorems verify --proofs`).

A certificate of *steps* is replayed by `theorems.proofs.replay`, which is the standard library alone, and then compared
with the statement, run again on formulas along the same paths.  One of *points* is replayed by running the statement in
the standard library's fractions at the points that its seed gives.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

from theorems import catalogue
from theorems.claim import Claim
from theorems.errors import InputError, Unsupported
from theorems.evidence import records
from theorems.judge.codec import decode
from theorems.judge.strict_json import parse
from theorems.judge.witness import witness_name
from theorems.proofs import points, shapes
from theorems.proofs.attempt import boxed_sizes, chart_from, lives
from theorems.proofs.boxed import Boxed, surrounds
from theorems.proofs.certificates import FORMAT, component, skeleton
from theorems.proofs.charts import charts
from theorems.proofs.explore import explore
from theorems.proofs.outcome import Effort
from theorems.proofs.replay import Refused, replay

FOLDER = "certificates"
#: Seconds within which a statement is run again along the paths of a certificate.
SECONDS = 60.0


def name_of(claim: Claim) -> str:
    """The name of the file of a claim."""
    return witness_name(claim.key)


def folder_of(claim: Claim) -> Path | None:
    """Where the certificates of a claim of a text lie."""
    text = catalogue.text_of(claim.key)
    return None if text is None else records.folder_of(text) / FOLDER


def write(claim: Claim, kept: list[dict[str, Any]], out: Path | None = None) -> None:
    """Store the certificates of a claim, below `out` or beside its text; without any, no file is left."""
    folder = folder_of(claim) if out is None else out / FOLDER
    if folder is None:
        return
    path = folder / name_of(claim)
    if not kept:
        path.unlink(missing_ok=True)
        return
    folder.mkdir(parents=True, exist_ok=True)
    data = {"format": FORMAT, "claim": claim.key, "digest": claim.digest, "certificates": kept}
    path.write_text(json.dumps(data, separators=(",", ":")) + "\n", encoding="utf-8")


def read(claim: Claim, out: Path | None = None) -> list[dict[str, Any]]:
    """The certificates of a claim as it stands, as they are stored."""
    folder = folder_of(claim) if out is None else out / FOLDER
    if folder is None or not (path := folder / name_of(claim)).exists():
        return []
    data = parse(path.read_bytes())
    return list(data["certificates"]) if data.get("digest") == claim.digest else []


def stored(claims: Iterable[Claim]) -> dict[str, Path]:
    """The files by the key of their claim."""
    paths = {claim.key: folder / name_of(claim) for claim in claims if (folder := folder_of(claim)) is not None}
    return {key: path for key, path in paths.items() if path.exists()}


def verified(path: Path, claim: Claim) -> list[tuple[str, str]]:
    """Replay every certificate of a file: (sizes, conclusion) that it shows.

    Raises `InputError` for a file that is no file of certificates of this claim as it stands, and for a certificate
    that does not show what it says.
    """
    try:
        data = parse(path.read_bytes())
        if data["format"] != FORMAT or data["claim"] != claim.key:
            raise InputError(f"{path.name}: it is no certificate of {claim.key} in format {FORMAT}")
        if data["digest"] != claim.digest:
            raise InputError(f"{path.name}: the statement of {claim.key} has changed: theorems prove {claim.key}")
        return [pair for entry in data["certificates"] for pair in _replayed(entry, claim)]
    except (Refused, KeyError, TypeError, ValueError, IndexError, ArithmeticError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path.name}: a certificate is refused: {error or type(error).__name__}") from None


def _replayed(entry: Any, claim: Claim) -> list[tuple[str, str]]:
    case = decode(entry["case"], claim)
    box = _box(entry)
    sizes = boxed_sizes(case, box.intervals) if box else shapes.sizes(case)
    if box and not (surrounds(box.intervals, case) and lives(claim, [case])):
        raise Refused("no case in its box is known to meet the hypotheses")
    if entry["sizes"] != sizes or entry["seed"] != f"{claim.digest}/{entry['sizes']}":
        raise Refused("it is of another shape than it says")
    names = [str(name) for name in entry["conclusions"]]
    if entry["kind"] == "steps":
        if not set(names) <= set(replay(entry)):
            raise Refused("a conclusion is missing")
        _compared(entry, case, claim, names)
    elif entry["kind"] == "points":
        own = [chart_from(chart) for chart in entry["charts"]]
        if [chart.signs for chart in own] != [chart.signs for chart in charts(case, by_sign=True)]:
            raise Refused("a chart is missing")
        held = points.holds_at_points(claim, case, own, entry["seed"])
        if not all(held.get(name) for name in names):
            raise Refused("a conclusion fails at a point")
        # what hypotheses made of the charts, and the degrees
        outcome = explore(claim, case, _effort(entry), entry["seed"])
        if outcome.charts != own or int(points.error_bits(outcome.degree)) < entry["error_bits"]:
            raise Refused("its charts or its degrees are not those of the statement")
    else:
        raise Refused("it is of no kind that we know")
    return [(entry["sizes"], name) for name in names]


def _effort(entry: Any) -> Effort:
    """The effort of a certificate, with what combinations showed (those that were made without any do not say so)."""
    told = tuple((int(number), bool(answer)) for number, answer in entry.get("settled", ()))
    limits = {name: bool(entry.get(name, False)) for name in ("probable", "lazy", "combine")}
    return Effort(int(entry["forks"]), int(entry["paths"]), SECONDS, told=told, boxed=_box(entry), **limits)


def _box(entry: Any) -> Boxed | None:
    ends = entry.get("box")
    return Boxed({str(name): (Fraction(low), Fraction(high)) for name, (low, high) in ends.items()}) if ends else None


def _compared(entry: Any, case: Any, claim: Claim, names: list[str]) -> None:
    """Whether a certificate is about the statement: run it again, and compare nodes, facts and conclusions."""
    try:
        outcome = explore(claim, case, _effort(entry), entry["seed"])
        again = [component(traces, None, names, bare=True, boxed=_box(entry)) for traces in outcome.traces]
    except Unsupported as error:
        raise Refused(f"the statement does not run that way ({error})") from None
    own = [skeleton(data) for data in entry["components"]]
    if json.loads(json.dumps([skeleton(data) for data in again])) != json.loads(json.dumps(own)):
        raise Refused("it is not about the statement as it stands")
