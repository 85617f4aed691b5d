"""What ``theorems rank --json`` prints.  An interval is [low, high]; what holds for certain is called so."""

from __future__ import annotations

import argparse
import math
from typing import Any

from theorems.commands.rank_options import wanted_json
from theorems.commands.rank_written import Written
from theorems.weights.chain_report import ChainAdapters, ChainReport
from theorems.weights.changes import Changes
from theorems.weights.layers import Layer
from theorems.weights.rounding import Interval

Row = dict[str, Any]


def as_json(
    arguments: argparse.Namespace,
    changes: Changes,
    layers: list[Layer],
    chain: ChainReport | None,
    adapters: ChainAdapters | None,
    written: Written | None,
) -> Row:
    """Everything that the table says, and the intervals behind it."""
    return {
        "base": arguments.base,
        "tuned": arguments.tuned,
        "wanted": wanted_json(arguments),
        "layers": [layer.as_dict() for layer in layers],
        "skipped": [{"tensor": s.name, "why": s.why, "changed": s.changed} for s in changes.skipped],
        "remarks": list(changes.remarks),
        "chain": _chain(chain) if chain else None,
        "peft": _peft(arguments, adapters, written) if written else None,
    }


def _interval(x: Interval) -> list[float]:
    return [x.low, x.high]


def _chain(chain: ChainReport) -> Row:
    return {
        "layers": list(chain.names),
        "width": chain.width,
        "frozen_layers_nonsingular": chain.nonsingular,
        "least_singular_values_at_least": list(chain.least_singular),
        "spectral_norm": _interval(chain.spectral_norm),
        "frobenius_norm": _interval(chain.frobenius_norm),
        "rank": chain.rank,
        "rank_bounds": list(chain.rank_bounds),
        "exact_from": chain.exact_from,
        "lora_rank": chain.chosen,
        "by_rank": [
            {
                "R": reach.R,
                "least_spectral_error_of_product": _interval(reach.least_error),
                "theorem_5_repaired": reach.theorem_5 if math.isfinite(reach.theorem_5 or 0.0) else None,
            }
            for reach in chain.reaches
        ],
        "second_moment": chain.moment.said if chain.moment else None,
        "layers_with_biases": list(chain.biases),
    }


def _peft(arguments: argparse.Namespace, adapters: ChainAdapters | None, written: Written) -> Row:
    row: Row = {
        "folder": arguments.write_peft,
        "file": arguments.write_kohya,
        "layers": [factor.name for factor in written.factors],
        "taken_for": [
            {
                "tensor": f.name,
                "module": f.taken.module,
                "kind": f.taken.kind,
                "by": f.taken.by,
                "parameter": f.taken.slot and f.taken.slot.as_dict(),
            }
            for f in written.factors
        ],
        "left_out": [{"tensor": name, "why": why} for name, why in written.left_out.items()],
        "saved_whole": sorted(written.saved),
        "checked": written.checked,
    }
    if adapters is None:
        return row
    return row | {
        "method": adapters.method,
        "ranks": [int(f.B.shape[1]) for f in adapters.factors],
        "residual_of_float64_factors": adapters.residual,
        "sizes": list(adapters.sizes),
        "spectral_error_of_product": _interval(adapters.spectral_error),
        "frobenius_error_of_product": _interval(adapters.frobenius_error),
    }
