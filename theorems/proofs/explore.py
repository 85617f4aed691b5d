"""Run a statement on all cases of one shape at once, fork by fork, and settle what it concludes.

A conclusion is proved at a shape when it is proved on every path of every chart.  Hypotheses are facts on the path,
or, where they can be solved for (A = A^T, probabilities with sum one, semidefinite and orthonormal leaves), another
chart.  A path that nothing can lie on is dropped; a shape that no case is known to inhabit proves nothing.
"""

from __future__ import annotations

import time
from typing import Any

from theorems.arithmetic.facts import Forked, Path
from theorems.arithmetic.normal_forms import NormalForms
from theorems.arithmetic.terms import Pool
from theorems.case import map_arrays
from theorems.claim import Claim
from theorems.errors import InputError, Unsupported
from theorems.proofs import charts
from theorems.proofs.certificates import Trace
from theorems.proofs.charts import Chart
from theorems.proofs.combinations import Combinations
from theorems.proofs.outcome import Effort, Outcome
from theorems.proofs.run import Rechart, Run

#: Changes of a chart by hypotheses, at most.
MOST_CHARTS = 24


def explore(claim: Claim, case: Any, effort: Effort, seed: str) -> Outcome:
    """Settle the conclusions of a claim for all cases of the shape of `case`, whose entries do not matter."""
    outcome = Outcome()
    shows = Combinations(effort.told) if effort.combine else None
    end = time.process_time() + effort.seconds
    try:
        for chart in charts.charts(case, by_sign=effort.probable or effort.boxed is not None):
            _chart(claim, case, chart, effort, seed, outcome, end, shows)
    except (Unsupported, Forked, InputError, RecursionError) as error:
        outcome.reason = str(error) or type(error).__name__
    outcome.settled = [] if shows is None else shows.answers
    if not outcome.paths and not outcome.reason:
        outcome.reason = "no case of this shape meets the hypotheses"
    return outcome


def _chart(
    claim: Claim, case: Any, chart: Chart, effort: Effort, seed: str, outcome: Outcome, end: float, shows: Any
) -> None:
    for _ in range(MOST_CHARTS):
        try:
            _paths(claim, case, chart, effort, seed, outcome, end, shows)
        except Rechart as change:
            chart = change.chart
        else:
            outcome.charts.append(chart)
            return
    raise Unsupported("too many hypotheses to solve for")


def _paths(
    claim: Claim, case: Any, chart: Chart, effort: Effort, seed: str, outcome: Outcome, end: float, shows: Any
) -> None:
    if shows is not None:
        shows.forget()
    if effort.solver is not None:
        effort.solver.chart = chart
    pool = Pool(seed)
    source = charts.Unknowns(pool)
    forms: NormalForms | None = None
    todo: list[tuple[bool, ...]] = [()]
    traces: list[Trace] = []
    seen = 0
    loaded: Any = None
    while todo:
        answers = todo.pop()
        seen += 1
        if seen > effort.paths:
            raise Unsupported(f"more than {effort.paths} paths")
        if forms is None:
            loaded = charts.build(case, chart, source)
            forms = NormalForms(pool)
        path = Path(pool, forms, answers, forks=effort.forks)
        path.end = end
        path.shows = shows
        path.probable = [] if effort.probable else None
        path.entails = effort.solver.entails if effort.solver is not None else None
        run = Run(claim, chart, path, effort, outcome, end)
        run.follow(map_arrays(loaded, lambda array: array), source)  # a case caches what it derives: one for each path
        traces.append(run.trace)
        closed = {side.place for side in path.closed}
        forks = [place for place in range(len(answers), len(path.assumed)) if place not in closed]
        todo += [(*path.assumed[:place], False) for place in forks]
    outcome.traces.append(traces)
