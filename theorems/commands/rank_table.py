"""The table of ``theorems rank``, and its plot."""

from __future__ import annotations

import argparse
import io
import os
import tempfile
import textwrap
from pathlib import Path
from typing import Any

import numpy as np

from theorems.commands.rank_numbers import about, at_most, folded
from theorems.commands.rank_options import wanted_json
from theorems.commands.rank_written import Written
from theorems.errors import InputError
from theorems.report.printing import say, width
from theorems.weights.chain_report import ChainAdapters, ChainReport
from theorems.weights.changes import Changes
from theorems.weights.layers import Layer
from theorems.weights.model_layers import ASSUMED
from theorems.weights.stored import listed

FORMATS = (".svg", ".png")
#: More curves than this are drawn without a legend.
LEGEND = 12
#: Reasons to skip a tensor that need no names.
ORDINARY = ("not a matrix", "empty")
HEADINGS = ("shape", "rank", "||E||_2", "||E||_F", "r", "error_2 <=", "error_F <=")


def show(
    arguments: argparse.Namespace,
    changes: Changes,
    layers: list[Layer],
    chain: ChainReport | None,
    adapters: ChainAdapters | None,
    written: Written | None,
) -> None:
    """The table for people, and what there is to say of the chain and of the adapter that was written."""
    cells = [_cells(layer, written) for layer in layers]
    headings = [*HEADINGS, "as"] if written else list(HEADINGS)
    widths = [max(map(len, column)) for column in zip(headings, *cells, strict=True)]
    room = max(12, width() - sum(widths) - 2 * len(widths))
    lines = [_line(cell, widths, folded(layer.name, room)) for cell, layer in zip(cells, layers, strict=True)]
    say(*changes.remarks, _line(headings, widths, "layer"), *lines, "")
    _say_totals(arguments, changes, layers, written)
    if chain:
        _say_chain(chain)
    else:
        _say(
            "Lemmas 9 and 10 and Theorem 5 do not apply: they are about chains of square layers. Where some of these "
            "layers are one, name it with --chain (and --relu)."
        )
    if written:
        _say_written(arguments, adapters, written)


def _line(cells: Any, widths: list[int], name: str) -> str:
    return "  ".join([*(cell.rjust(width) for cell, width in zip(cells, widths, strict=True)), name])


def _cells(layer: Layer, written: Written | None) -> list[str]:
    a, b = layer.least or (layer.chosen, layer.chosen)
    rank = str(a) if a == b else f"{a} or {b}" if b == a + 1 else f"{a}..{b}"
    if b != layer.chosen or not layer.whole:  # capped, rounded up, or enough only
        rank = str(layer.chosen)
    taken = [] if written is None else [next((str(f.taken) for f in written.factors if f.name == layer.name), "-")]
    return [
        f"{layer.shape[0]} x {layer.shape[1]}",
        str(layer.rank),
        about(layer.spectral_norm),
        about(layer.frobenius_norm),
        rank,
        at_most(layer.spectral_error.high),
        at_most(layer.frobenius_error.high),
        *taken,
    ]


def _say_totals(arguments: argparse.Namespace, changes: Changes, layers: list[Layer], written: Written | None) -> None:
    dense = sum(layer.shape[0] * layer.shape[1] for layer in layers)
    small = sum(layer.parameters for layer in layers)
    wanted = ", ".join(f"{key} {value}" for key, value in wanted_json(arguments).items())
    _say(
        f"{wanted}: {small:,} parameters in factors of these ranks, {100 * small / dense:.3g}% of the layers' {dense:,}"
    )
    smallest = "the smallest LoRA-rank" if all(layer.whole for layer in layers) else "a LoRA-rank that does"
    _say(
        f"rank: singular values above what rounding of the stored entries explains; r: {smallest}; errors: "
        f"certified upper bounds, of the factors in {arguments.dtype} as they are stored"
    )
    capped = sum(layer.capped for layer in layers)
    if capped:
        _say(f"{capped} layers ask for more than --max-rank {arguments.max_rank}: their errors say what it costs")
    full = sum(layer.chosen >= min(layer.shape) for layer in layers)
    if "rank" in wanted_json(arguments) and arguments.rank in (None, "auto") and 2 * full > len(layers):
        _say(
            f"{full} of {len(layers)} layers have full rank above the rounding: no low-rank change. --energy 0.95, "
            "--error 0.1 or --max-rank 64 say what a smaller rank keeps"
        )
    noisy = sum(layer.rank < layer.rank_bounds[0] for layer in layers)
    if noisy:
        _say(f"{noisy} of {len(layers)} layers have more rank, within the rounding of their entries: see --json")
    if changes.skipped:
        reasons = sorted({skipped.why for skipped in changes.skipped})
        saved = written.saved if written else []
        moved = sum(skipped.changed and skipped.name not in saved for skipped in changes.skipped)
        also = f"; {moved} of them changed, which these adapters leave out" if moved else ""
        _say(f"skipped {len(changes.skipped)} tensors ({', '.join(reasons)}){also}")
        for why in reasons:
            if why not in ORDINARY:
                names = [skipped.name for skipped in changes.skipped if skipped.why == why]
                _say(f"- {listed('tensor', names, 3)}: {why}")
    say("")


def _say_chain(chain: ChainReport) -> None:
    L, D = len(chain.names), chain.width
    _say(f"chain of {L} layers, {D} x {D}: {', '.join(chain.names)}")
    least = min(chain.least_singular)
    state = (
        f"for certain, sigma_min >= {least:.3g}" if chain.nonsingular else "not certain, and Lemmas 9, 10 suppose it"
    )
    _say(f"frozen layers non-singular: {state}")
    low, high = chain.rank_bounds
    certain = str(low) if low == high else f"{low}..{high}"
    _say(
        "E = product of TUNED - product of BASE: "
        f"||E||_2 = {about(chain.spectral_norm)}, rank {chain.rank} (for certain {certain})"
    )
    _say(f"Lemma 10: adapters of rank R in every layer give TUNED's product from R = {chain.exact_from} on")
    _say("Lemma 9: below, sigma_{RL+1}(E) is the least error of the product in the spectral norm")
    if chain.moment:
        _say(
            "Theorem 5, repaired: as a ReLU network (a ReLU after every layer), some adapters of rank R and biases "
            f"have E ||f - f-bar||_2 at most the bound, for E x x^T = {chain.moment.said}; {len(chain.biases)} of {L} "
            "layers have a bias in TUNED"
        )
    heading = ["R", "R L", "sigma_{RL+1}(E)"] + (["Theorem 5 <="] if chain.moment else [])
    rows = [
        [str(reach.R), str(reach.R * L), about(reach.least_error)]
        + ([at_most(reach.theorem_5)] if reach.theorem_5 is not None else [])
        for reach in chain.reaches
    ]
    widths = [max(map(len, column)) for column in zip(heading, *rows, strict=True)]
    say(
        *("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in [heading, *rows]), ""
    )


def _say_written(arguments: argparse.Namespace, adapters: ChainAdapters | None, written: Written) -> None:
    alpha = "scaling 1" if arguments.alpha is None else f"lora_alpha {arguments.alpha:g}"
    for path, what in (
        (arguments.write_peft, "a PEFT LoRA adapter"),
        (arguments.write_kohya, "a LoRA in kohya's form"),
    ):
        if path:
            _say(f"{path}: {what} of {len(written.factors)} layers, {alpha}, {arguments.dtype}")
    assumed = [factor.name for factor in written.factors if factor.taken.by == ASSUMED]
    if assumed:
        _say(
            f"assumed to be what the table says, with a '?': {listed('tensor', assumed, 2)}; --check tells, --linear "
            "and --embedding say otherwise"
        )
    if written.left_out:
        _say(f"left out {len(written.left_out)} layers:")
        for why in dict.fromkeys(written.left_out.values()):
            names = [name for name, reason in written.left_out.items() if reason == why]
            _say(f"- {listed('tensor', names, 2)}: {why}")
    if written.saved:
        _say(f"saved whole, as modules_to_save and biases: {listed('tensor', sorted(written.saved), 3)}")
    if written.checked:
        _say(
            f"checked: PEFT applies all {written.checked['layers_within_bounds']} layers within their bounds (the "
            f"largest error is {written.checked['largest_error_over_bound']:.3g} of its bound)"
        )
    if adapters:
        _say(
            f"the product with the stored factors errs by at most {at_most(adapters.spectral_error.high)} (spectral), "
            f"{at_most(adapters.frobenius_error.high)} (Frobenius); largest ||Delta W|| / ||W||: "
            f"{max(adapters.sizes):.3g}; relative residual in float64 {adapters.residual:.2g}"
        )


def _say(text: str) -> None:
    """Prose, wrapped."""
    say(*textwrap.wrap(text, width(), subsequent_indent="  ", break_long_words=False, break_on_hyphens=False))


# The plot ------------------------------------------------------------------------------------------------------------


def require_plots(path: Path) -> None:
    """Raises `InputError` where the plot could not be drawn: before anything is measured."""
    if path.suffix not in FORMATS:
        raise InputError(f"--plot {path}: the format is told by the suffix: use {' or '.join(FORMATS)}")
    parent = path.absolute().parent
    if not parent.is_dir():
        raise InputError(f"--plot {path}: there is no folder {parent}: make it first")
    if path.is_dir() or not os.access(path if path.exists() else parent, os.W_OK):
        raise InputError(f"--plot {path}: cannot be written: give another place")
    try:
        import matplotlib.figure  # noqa: F401
    except ImportError:
        raise InputError("--plot needs matplotlib: pip install 'theorem-checker[plots]'") from None


def plot_energies(layers: list[Layer], path: Path) -> None:
    """The share of the energy kept over the rank, a curve a layer, the chosen ranks as dots."""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context({"svg.hashsalt": "theorems"}):  # the same file for the same numbers
        figure = Figure(figsize=(9, 6), layout="constrained")
        axes = figure.subplots()
        for number, layer in enumerate(layers):
            shares = energies(layer)
            style: dict[str, Any] = {"color": f"C{number % 10}", "linewidth": 1.2}
            label = folded(layer.name, 40) if len(layers) <= LEGEND else None
            axes.plot(range(1, len(shares)), shares[1:], label=label, **style)
            if 0 < layer.chosen < len(shares):
                axes.plot([layer.chosen], [shares[layer.chosen]], marker="o", markersize=4, color=style["color"])
        axes.set(xscale="log", ylim=(0, 1.02), xlabel="rank r", ylabel="share of ||E||_F^2 kept")
        axes.set_title(f"Energy of the change in {len(layers)} layers; dots: the LoRA-rank")
        axes.grid(visible=True, which="both", linewidth=0.3)
        if len(layers) <= LEGEND:
            axes.legend(fontsize="x-small")
        drawn = io.BytesIO()
        metadata = {"Date": None} if path.suffix == ".svg" else None
        figure.savefig(drawn, format=path.suffix[1:], metadata=metadata)
    _replace(path, drawn.getvalue())


def energies(layer: Layer) -> Any:
    """The share of the squared Frobenius norm in the first r = 0, 1, ... singular values."""
    s = layer.values
    if not s.size or not s[0] > 0:
        return np.ones(1)
    squares = np.cumsum((s / s[0]) ** 2)
    return np.append(0.0, squares / squares[-1])


def _replace(path: Path, data: bytes) -> None:
    try:
        with tempfile.NamedTemporaryFile(dir=path.absolute().parent, prefix=f".{path.name}-", delete=False) as file:
            file.write(data)
        os.chmod(file.name, 0o644)
        os.replace(file.name, path)
    except OSError as error:
        raise InputError(f"--plot {path}: {error.strerror or error}: give another place") from None
