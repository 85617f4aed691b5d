"""The result of an attack as JSON data: what `hunt --json` and `check --json` print of each claim."""

from __future__ import annotations

import math
from typing import Any

from theorems.judge.tally import Tally
from theorems.strategies.engine.worker import Attacked


def attacked_json(result: Attacked, verdict: str | None) -> dict[str, Any]:
    """All counts of a result, and the verdict that is held of the claim; `instances` are the live ones in float64."""
    return {
        "key": result.task.key,
        "file": result.task.file,
        "verdict": verdict,
        "outcome": result.outcome,
        **_counts(result.total),
        "every_case": result.every or None,
        "recipes": result.recipes,
        "seconds": round(result.seconds, 3),
        "seed": result.task.seed,
        "attack": result.attack or None,
        "witness": result.finding.path if result.finding is not None else None,
        "problem": result.problem or None,
        "doubts": [vars(doubt) | {"margin": _finite(doubt.margin)} for doubt in result.doubts],
        "strata": [{"stratum": name, **_counts(tally)} for name, tally in result.strata.items()],
    }


def _counts(tally: Tally) -> dict[str, Any]:
    return {
        "instances": tally.instances,
        "exact": tally.exact,
        "vacuous": tally.vacuous,
        "unmet": dict(sorted(tally.unmet.items())),
        "undecided": tally.undecided,
        "accused": tally.accused,
        "construction_misses": tally.construction_misses,
        "artefacts": tally.artefacts,
        "worst_margin": _finite(tally.worst),
    }


def _finite(value: float) -> float | None:
    return value + 0.0 if math.isfinite(value) else None  # -0.0 is no news
