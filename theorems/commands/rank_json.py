"""What ``theorems rank --json`` prints.  An interval is [low, high]; what holds for certain is called so."""

from __future__ import annotations

import argparse
import math
from typing import Any

from theorems.weights.chain_report import METHOD, ChainAdapters, ChainReport
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
    written: list[str],
    left_out: list[str],
) -> Row:
    """Everything that the table says, and the intervals behind it."""
    return {
        "base": arguments.base,
        "tuned": arguments.tuned,
        "wanted": wanted_json(arguments),
        "layers": [_layer(layer) for layer in layers],
        "skipped": [{"tensor": s.name, "why": s.why, "changed": s.changed} for s in changes.skipped],
        "remarks": list(changes.remarks),
        "chain": _chain(chain) if chain else None,
        "peft": _peft(arguments, adapters, written, left_out) if arguments.write_peft else None,
    }


def wanted_json(arguments: argparse.Namespace) -> Row:
    """The error or the rank that was asked for."""
    if arguments.rank is not None:
        return {"rank": arguments.rank}
    if arguments.error is not None:
        kind = "absolute" if arguments.absolute else "share of the norm"
        return {"error": arguments.error, "norm": arguments.norm or "frobenius", "as": kind}
    return {"energy": arguments.energy or "0.95"}


def _interval(x: Interval) -> list[float]:
    return [x.low, x.high]


def _layer(layer: Layer) -> Row:
    return {
        "tensor": layer.name,
        "tensor_shape": list(layer.tensor_shape),
        "shape": list(layer.shape),
        "types": list(layer.kinds),
        "from_factors": layer.factored,
        "rank": layer.rank,
        "rank_tolerance": layer.tolerance,
        "rank_bounds": list(layer.rank_bounds),
        "spectral_norm": _interval(layer.spectral_norm),
        "frobenius_norm": _interval(layer.frobenius_norm),
        "smallest_lora_rank": list(layer.least) if layer.least else None,
        "lora_rank": layer.chosen,
        "lora_parameters": layer.parameters,
        "factors_stored_as": layer.stored_as,
        "spectral_error": _interval(layer.spectral_error),
        "frobenius_error": _interval(layer.frobenius_error),
    }


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


def _peft(arguments: argparse.Namespace, adapters: ChainAdapters | None, written: list[str], left: list[str]) -> Row:
    row: Row = {"folder": arguments.write_peft, "layers": written, "left_out": left}
    if adapters is None:
        return row
    return row | {
        "method": METHOD,
        "ranks": [int(f.B.shape[1]) for f in adapters.factors],
        "residual_of_float64_factors": adapters.residual,
        "sizes": list(adapters.sizes),
        "spectral_error_of_product": _interval(adapters.spectral_error),
        "frobenius_error_of_product": _interval(adapters.frobenius_error),
    }
