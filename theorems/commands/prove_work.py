"""The work of `theorems prove`: one child process a claim, which sends each attempt when it is done.

A child that overruns its time (a solver that does not listen, a polynomial that grows) is ended; what it had proved
until then stays.
"""

from __future__ import annotations

import multiprocessing
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection, wait
from typing import Any

from theorems.case import arrays, exact
from theorems.claim import Claim
from theorems.errors import InputError
from theorems.judge.codec import encode
from theorems.proofs import shapes
from theorems.proofs.attempt import OPEN, REFUTED, Attempt, Result, attempt, attempt_on_boxes
from theorems.proofs.enumeration import enumerated
from theorems.proofs.outcome import BOXES, COMBINATION, ORDER, POINT, SIGNS, SOLVER, SQUARES, Effort
from theorems.proofs.squares import sum_of_squares
from theorems.strategies.draws import chunk_of, recipe_of
from theorems.strategies.search.conviction import convict

#: Chunks of recipes that shapes are taken from, exact cases of each recipe, and shapes of each side that are tried.
CHUNKS, MEMBERS = 2, 2
TRIED = {0: 3, 1: 1, 2: 5, 3: 4, 4: 2, 5: 1, 6: 2}
#: Cases with more entries than this are not asked for at all; a shape of side 3 at least is one of many numbers.
MOST_ENTRIES = 400
#: Seconds for the shapes themselves, and how many times longer than its seconds a child may take on a busy machine.
DRAWING = 20.0
BUSY = 6.0


@dataclass(frozen=True)
class Job:
    """A claim to prove, with the strategy that draws its shapes, and how."""

    claim: Claim
    strategy: Any
    seconds: float
    techniques: tuple[str, ...]  # empty: all
    allowed: Callable[[Any], bool]


def drawn_shapes(claim: Claim, strategy: Any, allowed: Callable[[Any], bool] = lambda case: True) -> list[list[Any]]:
    """Exact cases by shape, the smallest shapes first."""
    found: dict[str, list[Any]] = {}
    end = time.process_time() + DRAWING
    for chunk in range(CHUNKS):
        for drawn in chunk_of(strategy, seed=0, key=claim.key, chunk=chunk):
            if time.process_time() > end:
                break
            for index in range(MEMBERS):
                try:
                    case = exact(recipe_of(drawn).exact(index))
                except (InputError, ArithmeticError, ValueError):
                    continue
                if shapes.entries(case) <= MOST_ENTRIES and allowed(case):
                    found.setdefault(shapes.sizes(case), []).append(case)
                if shapes.side(case) > max(TRIED):
                    break
    return sorted(found.values(), key=lambda cases: (shapes.side(cases[0]), shapes.entries(cases[0])))


def planned(job: Job, every: list[list[Any]]) -> Iterator[tuple[list[Any], Effort]]:
    """The shapes and efforts of a job, in order."""
    chosen = []
    for side, most in TRIED.items():
        own = [cases for cases in every if shapes.side(cases[0]) == side]
        step = max(1, len(own) // most)
        chosen += own[: most // 2 + 1] + own[most // 2 + 1 :: step][: most - most // 2 - 1]
    chosen.sort(
        key=lambda cases: (abs(shapes.side(cases[0]) - 2) if shapes.side(cases[0]) < 4 else 9, shapes.entries(cases[0]))
    )
    sizes = [(shapes.side(cases[0]), shapes.entries(cases[0])) for cases in chosen]
    if sizes:  # the smallest comes second: what fails at the others may be proved there
        chosen.insert(min(1, sizes.index(min(sizes))), chosen.pop(sizes.index(min(sizes))))
    for cases in chosen:
        yield cases, effort_of(job, shapes.side(cases[0]))


def effort_of(job: Job, side: int) -> Effort:
    """What is spent on a shape of that side."""
    slice_ = max(job.seconds / 6, 0.5)
    wanted = set(job.techniques or ORDER)
    solver = squares = None
    if side <= 3 and SOLVER in wanted:
        from theorems.proofs.solver import Solver

        solver = Solver(int(slice_ * 500))
    if side <= 4 and SQUARES in wanted:
        squares = sum_of_squares
    forks = 12 if side <= 3 and wanted & {SIGNS, COMBINATION, SQUARES, SOLVER} else 0
    combine = side <= 4 and COMBINATION in wanted
    probable = side > 2 and POINT in wanted
    return Effort(forks, 96, slice_, probable=probable, squares=squares, combine=combine, solver=solver)


def proved(job: Job) -> Iterator[Attempt]:
    """The attempts of a job, until its time is over."""
    every = drawn_shapes(job.claim, job.strategy, job.allowed)
    boxed: set[str] = set()  # conclusions that are proved on a box
    wanted_boxes = BOXES in (job.techniques or ORDER)
    end = time.process_time() + job.seconds  # of this process: a machine that is busy proves as much
    for cases, effort in planned(job, every):
        if time.process_time() > end:
            return
        if not arrays(cases[0]):  # every group of tuples says the same
            drawn = [case for group in every for case in group if not arrays(case)]
            yield enumerated(job.claim, drawn, seconds=end - time.process_time())
            return
        made = attempt(job.claim, cases, effort)
        for case in made.models:
            if convict(job.claim, case) is not None:
                made.results = [Result(r.conclusion, REFUTED, "counterexample") for r in made.results]
                made.models = [case]
                break
        else:
            made.models = []
        yield made
        open_ = [
            result.conclusion for result in made.results if result.result == OPEN and result.conclusion not in boxed
        ]
        if open_ and wanted_boxes and 0 < shapes.side(cases[0]) <= 3:
            on_box = attempt_on_boxes(job.claim, cases, effort, open_)
            if on_box is not None:
                boxed |= {result.conclusion for result in on_box.results}
                yield on_box


def _child(job: Job, out: Connection) -> None:
    warnings.simplefilter("ignore")
    try:
        for made in proved(job):
            data = asdict(made)
            data["models"] = [encode(case, job.claim) for case in made.models]
            out.send(data)
        out.send(None)
    except InputError as error:
        out.send(str(error))
    except Exception as error:  # one claim must not end the others
        out.send(f"{job.claim.key}: {type(error).__name__}: {error}")
    finally:
        out.close()


def prove_all(jobs: Sequence[Job], *, at_once: int, ready: Callable[[Job, list[dict[str, Any]], str], None]) -> None:
    """Run the jobs, `at_once` at a time; `ready` gets the attempts of each, and what went wrong."""
    context = multiprocessing.get_context("fork")
    waiting = list(jobs)
    running: dict[Connection, tuple[Any, Job, float, list[dict[str, Any]]]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                job = waiting.pop(0)
                mine, theirs = context.Pipe(duplex=False)
                child = context.Process(target=_child, args=(job, theirs), daemon=True)
                child.start()
                theirs.close()
                running[mine] = (child, job, time.monotonic() + BUSY * (job.seconds + DRAWING), [])
            heard = wait(list(running), timeout=0.5)
            for pipe in list(running):
                child, job, end, found = running[pipe]
                problem = ""
                done = False
                if pipe in heard:
                    try:
                        message = pipe.recv()
                    except EOFError:
                        done, problem = True, "the prover ended early"
                    else:
                        if isinstance(message, dict):
                            found.append(message)
                        else:
                            done, problem = True, message or ""
                if not done and time.monotonic() > end:
                    child.kill()
                    done, problem = True, "the time is over"
                if done:
                    child.join(1)
                    if child.is_alive():
                        child.kill()
                    pipe.close()
                    del running[pipe]
                    ready(job, found, problem)
    finally:
        for child, _, _, _ in running.values():
            child.kill()
