"""The hunts of `theorems teeth`, spread over processes: one claim with all its variants at a time."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field

from theorems.commands.watching import watching
from theorems.errors import InputError
from theorems.loading import importable
from theorems.strategies.engine.spread import spread
from theorems.strategies.engine.worker import Task, explained, prepared
from theorems.strategies.variants.trial import KILLED, Tried, tried
from theorems.strategies.variants.variant import Variant


@dataclass(frozen=True)
class Bout:
    """The variants of one claim, and with which seeds and for how long each is hunted; `file` is a user's own."""

    key: str
    variants: tuple[Variant, ...]
    seeds: tuple[int, ...]
    seconds: float
    file: str | None = None


@dataclass
class Bitten:
    """What came of a bout: the hunts, and what went wrong with the claim as a whole."""

    key: str
    seeds: tuple[int, ...]
    tried: list[Tried] = field(default_factory=list)
    problem: str = ""

    @property
    def by_variant(self) -> list[tuple[Variant, list[Tried]]]:
        """The hunts of each variant, in the order of the table."""
        found: dict[Variant, list[Tried]] = {}
        for one in self.tried:
            found.setdefault(one.variant, []).append(one)
        return list(found.items())


def bite(bout: Bout) -> Bitten:
    """Do a bout.  Whatever goes wrong with one claim is reported, and is no end of the others."""
    result = Bitten(bout.key, bout.seeds)
    task = Task(bout.key, file=bout.file)
    try:
        claim, strategy = prepared(task)
        with importable(bout.file or __file__), redirect_stdout(sys.stderr):
            for seed in bout.seeds:  # the draws of a seed are made once for all variants
                for variant in bout.variants:
                    result.tried.append(tried(claim, strategy, variant, seed=seed, seconds=bout.seconds))
    except InputError as error:
        result.problem = " ".join(str(error).split())
    except Exception as error:
        result.problem = explained(error, task)
    return result


def bite_all(
    bouts: Sequence[Bout], *, jobs: int, quiet: bool, ready: Callable[[Bitten], None] = lambda result: None
) -> None:
    """Do all bouts; `ready` gets each result in the order of the bouts, as soon as all before it are there.

    Raises `Interrupted` on Ctrl-C, when the workers have ended.
    """
    hunts: Counter[str] = Counter()

    def count(result: Bitten) -> None:
        hunts.update(one.outcome for one in result.tried)
        ready(result)

    with watching("hunting variants", len(bouts), quiet, count) as watch:
        spread(
            bite, bouts, jobs=jobs, died=_died, watch=watch,
            counts=lambda: f"{hunts[KILLED]:,} of {hunts.total():,} hunts killed",
        )  # fmt: skip


def _died(bout: Bout) -> Bitten:
    problem = f"{bout.key}: a worker process died (out of memory?): try --jobs 1"
    return Bitten(bout.key, bout.seeds, problem=problem)
