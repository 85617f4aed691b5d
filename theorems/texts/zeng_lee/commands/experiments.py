"""Reproduce the figures of Appendix G: error against rank, the paper's adapters against adapters trained with Adam.

linear  f(x) = W_2 W_1 x against one matrix;  fnn  ReLU networks, 2 layers against 1 and 4 against 2;  tfn  Transformers
with two heads, one and two blocks.  Frozen models are random, or trained until 2/3 (in the full form also 1/3) of the
error is left.  The full form has the text's D = 16, 5000 steps of 256 inputs and 12 pairs of learning rate and weight
decay, but for the Transformers, whose training is cut to 2000 steps of 32 inputs and no weight decay; it takes about 15
minutes on one idle core.  The quick form (under a minute) has fewer ranks, steps and pairs, and narrower Transformers
(D = 8).  Every CSV says what it was made with.

Beside each curve stands what the theory gives: `closed_form` (linear: the least expected error of any adapters; fnn
with a one-layer target: the expected error of the construction; tfn: 0 from the threshold on, unknown below), `bound`
and `sharp_bound` (fnn: Theorem 5 repaired and sharpened, squared).

Files: DIR/FIGURE.csv, .svg and .png (plots need matplotlib), and one record for each finished point in DIR/cells, so
that a run which was killed goes on with --resume.  Exit code 1 when a number contradicts the theory.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from multiprocessing import get_context
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from typing import Any

from theorems.commands.ending import ended
from theorems.commands.hunt import add_jobs, require_jobs
from theorems.errors import InputError
from theorems.report.printing import complain, print_json, say
from theorems.report.progress import bar
from theorems.strategies.engine.pool import Channel, deferred_interrupt, environment, executor, stop
from theorems.texts.zeng_lee.commands import experiment_plots as plots
from theorems.texts.zeng_lee.experiments.cells import FIGURES, FORMS, Cell, Plan, cells_of, checked, compute
from theorems.texts.zeng_lee.experiments.contradictions import contradictions
from theorems.texts.zeng_lee.experiments.records import Run

NAME = "experiments"
#: Seconds between two looks at the workers.
PACE = 0.1

Record = dict[str, Any]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "example: theorems experiments linear fnn --full --out figures --jobs 2"
    parser.add_argument("figures", nargs="*", metavar="FIGURE", help=f"{', '.join(FIGURES)}; all three")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--quick", dest="form", action="store_const", const="quick", help="under a minute (default)")
    form.add_argument("--full", dest="form", action="store_const", const="full", help="the text's sizes")
    parser.add_argument("--out", metavar="DIR", default="theorems-experiments", help="default ./theorems-experiments")
    parser.add_argument("--seed", type=int, default=0, help="another seed draws other models and inputs (default 0)")
    parser.add_argument("--resume", action="store_true", help="go on with the run in DIR")
    parser.add_argument("--ranks", metavar="R,R,...", help="other ranks than those of the form")
    parser.add_argument("--steps", type=int, metavar="N", help="other than the form's number of training steps")
    add_jobs(parser)
    parser.add_argument("--json", action="store_true", help="print an array of objects, and nothing else")
    parser.set_defaults(form="quick")


def run(arguments: argparse.Namespace) -> int:
    require_jobs(arguments.jobs)
    if arguments.seed < 0:
        raise InputError(f"--seed {arguments.seed}: a seed is 0 or larger")
    form = arguments.form or "quick"
    plans = {figure: _plan(figure, form, arguments) for figure in _figures(arguments.figures)}
    run = Run(Path(arguments.out), form, arguments.seed, plans)
    run.open(resume=arguments.resume)
    cells = [cell for figure, plan in plans.items() for cell in cells_of(figure, plan, arguments.seed)]
    found = {cell: record for cell in cells if (record := run.load(cell)) is not None}
    todo = [cell for cell in cells if cell not in found]
    try:
        found |= _computed(todo, run, jobs=arguments.jobs, quiet=arguments.json)
    except KeyboardInterrupt as interruption:
        done = sum(run.path(cell).exists() for cell in cells)
        return ended(interruption, f"{done} of {len(cells)} points done: go on with --resume")
    records = [found[cell] for cell in cells]
    files = _written(run, records)
    problems = contradictions(records)
    if arguments.json:
        print_json(records)
    else:
        _print(records, files)
    for problem in problems:
        complain(problem)
    return int(bool(problems))


def _figures(words: Sequence[str]) -> list[str]:
    for word in words:
        if word not in FIGURES:
            raise InputError(f"there is no figure {word!r}: choose among {', '.join(FIGURES)}")
    return [figure for figure in FIGURES if not words or figure in words]


def _plan(figure: str, form: str, arguments: argparse.Namespace) -> Plan:
    plan = FORMS[form][figure]
    if arguments.ranks is not None:
        try:
            plan = replace(plan, ranks=tuple(sorted({int(word) for word in arguments.ranks.split(",")})))
        except ValueError:
            raise InputError(f"--ranks {arguments.ranks}: give whole numbers with commas, such as 1,2,8") from None
    if arguments.steps is not None:
        plan = replace(plan, tuning=replace(plan.tuning, steps=arguments.steps))
    return checked(plan, figure)


def _written(run: Run, records: list[Record]) -> list[Path]:
    """Write the CSVs and, where matplotlib is installed, the plots."""
    files = []
    for figure in run.plans:
        rows = [record for record in records if record["figure"] == figure]
        files.append(run.write_csv(figure, rows))
        if plots.available():
            files += plots.write(figure, rows, run.folder)
    if not plots.available():
        print("theorems: no plots without matplotlib: pip install 'theorem-checker[plots]', and --resume draws them",
              file=sys.stderr)  # fmt: skip
    return files


# Workers -------------------------------------------------------------------------------------------------------------


def _computed(cells: list[Cell], run: Run, *, jobs: int, quiet: bool) -> dict[Cell, Record]:
    """The records of the cells, each stored by the worker that made it; a single job is done in this process."""
    if jobs == 1 or len(cells) < 2:
        records = {}
        with bar("training", len(cells), quiet) as show:
            for cell in cells:
                records[cell] = stored(cell, run)
                show.update(len(records), "points")
        return records
    channel: Channel = SimpleQueue(ctx=get_context("spawn"))
    with environment(), bar("training", len(cells), quiet) as show:
        pool = executor(min(jobs, len(cells)), channel)
        try:
            with deferred_interrupt():  # a process that is just starting would print a traceback
                futures = {cell: pool.submit(stored, cell, run) for cell in cells}
            waiting: set[Future[Record]] = set(futures.values())
            while waiting:
                _, waiting = wait(waiting, timeout=PACE, return_when=FIRST_COMPLETED)
                show.update(len(cells) - len(waiting), "points")
            records = {cell: future.result() for cell, future in futures.items()}
            pool.shutdown()
        except BrokenProcessPool:
            stop(pool)
            raise InputError("a worker process died (out of memory?): go on with --resume --jobs 1") from None
        except BaseException:
            stop(pool)
            raise
    return records


def stored(cell: Cell, run: Run) -> Record:
    """Compute a cell and store its record."""
    record = compute(cell, run.plans[cell.figure], run.form)
    run.store(cell, record)
    return record


# For people ----------------------------------------------------------------------------------------------------------


def _print(records: list[Record], files: list[Path]) -> None:
    for title, rows in plots.panels(records):
        say(title, style="bold")
        methods = list(dict.fromkeys(row["method"] for row in rows))
        theory = [name for name in plots.THEORY if any(row[name] is not None for row in rows)]
        say("  ".join(text.rjust(width) for text, width in _widths(["rank", *methods, *plots.labels(theory)])))
        for rank in sorted({row["rank"] for row in rows}):
            here = {row["method"]: row for row in rows if row["rank"] == rank}
            known = [next((row[name] for row in here.values() if row[name] is not None), None) for name in theory]
            cells = [str(rank), *(_number(here[method]["mse"]) for method in methods), *map(_number, known)]
            headings = ["rank", *methods, *plots.labels(theory)]
            say("  ".join(text.rjust(width) for text, (_, width) in zip(cells, _widths(headings), strict=True)))
        say("")
    say(*(f"written: {path}" for path in files))


def _widths(headings: Sequence[str]) -> list[tuple[str, int]]:
    return [(text, max(len(text), 9)) for text in headings]


def _number(value: float | None) -> str:
    return "-" if value is None else "0" if value < 1e-12 else f"{value:.3g}"
