"""A campaign: portions of many claims spread over workers, and every one that is done in the journal.

Work goes through `concurrent.futures.Executor`, whoever is behind it.  What is found is a function of the seed: of the
portions that find a counterexample of a claim the first in order counts, and all before it are done before the search
for that claim ends, however many workers there are and in whatever order they come back.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from dataclasses import dataclass, field
from typing import Any, Protocol

from theorems.errors import InputError
from theorems.strategies.engine.journal import Done, Journal, Record
from theorems.strategies.search.portion import RECIPES

#: Seconds between two looks at the workers.
PACE = 0.2
#: A portion that ends so many workers is given up.
DEATHS = 3
#: A worker of a local pool that has grown beyond this, in bytes, is replaced at the next occasion.
TOO_LARGE = 768 * 2**20


class Workers(Protocol):
    """An executor, and what a campaign needs to know of it."""

    @property
    def executor(self) -> Executor:
        """Where work is submitted."""

    @property
    def width(self) -> int:
        """How many errands to have under way; it may change as workers die and join."""

    def renew(self) -> None:
        """A new executor in place of a broken one.  Raises `InputError` where there is none to be had."""

    def complaint(self, error: BaseException) -> str:
        """What an exception that is not the errand's own says of the workers; nothing where it may be tried again."""


@dataclass(frozen=True)
class Job:
    """An errand that may be submitted: portion `number`, or, with a witness, the normal form of that finding."""

    target: str
    number: int
    most: int = RECIPES
    witness: str | None = None


@dataclass
class _Hunted:
    """A claim under way."""

    record: Record
    next: int = 0
    under_way: set[int] = field(default_factory=set)
    normalising: bool = False

    def wants(self, seconds: float | None, recipes: int | None) -> Job | None:
        """The next thing to do for the claim; None where it is done, or waits for what is under way."""
        record = self.record
        if record.number is not None:
            return self._towards_the_first(record)
        if record.problem or (seconds is not None and record.seconds >= seconds):
            return None
        number = self._undone()
        most = RECIPES if recipes is None else min(RECIPES, recipes - number * RECIPES)
        return Job(record.entry.target, number, most) if most > 0 else None

    def _towards_the_first(self, record: Record) -> Job | None:
        """All portions before the finding must be done, for one of them may find another; then its normal form."""
        assert record.number is not None
        number = self._undone()
        if number < record.number:
            return Job(record.entry.target, number)
        waiting = any(other < record.number for other in self.under_way)
        if waiting or self.normalising or record.normal is not None or record.problem:
            return None
        return Job(record.entry.target, record.number, witness=record.witness)

    def _undone(self) -> int:
        number = max(self.next, self.record.next)
        while number in self.record.ahead or number in self.under_way:
            number += 1
        return number


class Campaign:
    """Hunts the claims of a journal until each has had its `seconds` of work, or its number of `recipes`.

    `errand` makes of a job what a worker is sent, `work` is the picklable function that it is sent to; `news` gets
    every target whose finding has reached its normal form.  Raises `InputError` when the workers or the journal cannot
    go on; the journal is then in order.
    """

    def __init__(
        self,
        journal: Journal,
        workers: Workers,
        *,
        errand: Callable[[Job], Any],
        work: Callable[[Any], Done],
        seconds: float | None = None,
        recipes: int | None = None,
        targets: Sequence[str] | None = None,
        news: Callable[[Record], None] = lambda record: None,
        progress: Callable[[dict[str, Record]], None] = lambda records: None,
    ) -> None:
        self._journal = journal
        self._workers = workers
        self._errand, self._work = errand, work
        self._seconds, self._recipes = seconds, recipes
        self._news, self._progress = news, progress
        self.records = journal.records()
        chosen = self.records if targets is None else {t: self.records[t] for t in targets}
        self._hunted = {target: _Hunted(record) for target, record in chosen.items()}
        self._under_way: dict[Future[Done], Job] = {}
        self._again: deque[Job] = deque()
        self._suspects: deque[Job] = deque()
        self._deaths: dict[Job, int] = {}
        self._tired = False

    def run(self) -> None:
        """Hunt until nothing is wanted."""
        while True:
            self._submit()
            if not self._under_way:
                if self._tired:
                    self._rest()
                    continue
                return
            done, _ = wait(self._under_way, timeout=PACE, return_when=FIRST_COMPLETED)
            for future in done:
                if future in self._under_way:  # it is not when its pool has broken meanwhile
                    self._take(future)
            self._progress(self.records)

    # submitting

    def _submit(self) -> None:
        if self._tired:
            return
        while len(self._under_way) < (1 if self._suspects else self._workers.width):
            job = self._next_job()
            if job is None:
                return
            self._begin(job)
            try:
                future = self._workers.executor.submit(self._work, self._errand(job))
            except (BrokenExecutor, RuntimeError, OSError) as error:
                self._lost(job, error)
                return
            self._under_way[future] = job

    def _next_job(self) -> Job | None:
        """Suspects alone; then what was lost; then normal forms, and the claim that has had the least work."""
        if self._suspects:
            return None if self._under_way else self._suspects.popleft()
        while self._again:
            lost = self._again.popleft()
            if self._still_wanted(lost):
                return lost
        wanted = [
            (job.witness is None, hunted.record.seconds + self._expected(hunted), index, job)
            for index, hunted in enumerate(self._hunted.values())
            if (job := hunted.wants(self._seconds, self._recipes)) is not None
        ]
        return min(wanted)[-1] if wanted else None

    def _expected(self, hunted: _Hunted) -> float:
        """The work that is under way for a claim, as its portions so far took it; the first ones count little."""
        record = hunted.record
        portions = record.next + len(record.ahead)
        return len(hunted.under_way) * (record.seconds / portions if portions else 1e-3)

    def _still_wanted(self, job: Job) -> bool:
        record = self.records[job.target]
        if job.witness is not None:
            return job.number == record.number and record.normal is None
        return record.number is None or job.number < record.number

    def _begin(self, job: Job) -> None:
        hunted = self._hunted[job.target]
        if job.witness is None:
            hunted.under_way.add(job.number)
        else:
            hunted.normalising = True

    def _end(self, job: Job) -> None:
        hunted = self._hunted[job.target]
        if job.witness is None:
            hunted.under_way.discard(job.number)
        else:
            hunted.normalising = False

    # taking

    def _take(self, future: Future[Done]) -> None:
        job = self._under_way.pop(future)
        try:
            done = future.result()
        except (KeyboardInterrupt, SystemExit):
            raise
        except (Exception, CancelledError) as error:
            self._lost(job, error)
            return
        self._end(job)
        if job.witness is None:
            self._count(done)
        else:
            self._normalised(job, done)
        if done.memory > TOO_LARGE:
            self._tired = True

    def _count(self, done: Done) -> None:
        if not self._journal.record(done):
            return
        record = self.records[done.target]
        _noted(record, done)

    def _normalised(self, job: Job, done: Done) -> None:
        record = self.records[job.target]
        if done.witness is None:
            record.problem = done.problem or f"{job.target}: the counterexample could not be shrunk"
            self._news(record)
        elif self._journal.normalise(done):
            record.normal = done.witness
            record.shown, record.violation, record.margin = done.shown, done.violation, done.margin
            self._news(record)

    def _lost(self, job: Job, error: BaseException) -> None:
        """An errand that did not come back: try it again, elsewhere or alone; after some deaths, give it up."""
        self._end(job)
        complaint = self._workers.complaint(error)
        if complaint:
            raise InputError(f"{complaint}; the journal {self._journal.path} is in order: go on with --resume")
        lost = [job]
        if isinstance(error, BrokenExecutor):
            for future in [future for future in self._under_way if not _came_back(future)]:
                other = self._under_way.pop(future)
                self._end(other)
                lost.append(other)
            self._workers.renew()
        for each in lost:
            # One that was alone, or whose worker is known to have died with it, is to blame; of several, any may be.
            if len(lost) == 1:
                self._deaths[each] = self._deaths.get(each, 0) + 1
            if self._deaths.get(each, 0) >= DEATHS:
                self._give_up(each, error)
            elif isinstance(error, BrokenExecutor):
                self._suspects.append(each)
            else:
                self._again.append(each)

    def _give_up(self, job: Job, error: BaseException) -> None:
        problem = f"{job.target}: portion {job.number} ended {DEATHS} workers (out of memory?): it is left out"
        if job.witness is None:
            self._count(Done(job.target, job.number, problem=problem))
        else:
            self._normalised(job, Done(job.target, job.number, problem=problem))

    def _rest(self) -> None:
        """New workers for those that have grown too large, when nothing is under way."""
        self._workers.renew()
        self._tired = False


def _came_back(future: Future[Done]) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None


def _noted(record: Record, done: Done) -> None:
    """What the journal does with a portion, for the record in memory."""
    for stratum, tally in done.strata.items():
        if stratum in record.strata:
            record.strata[stratum].add(tally)
        else:
            record.strata[stratum] = tally
    for kind, text in done.doubts.items():
        if kind not in record.doubts or done.number < record.doubts[kind][0]:
            record.doubts[kind] = done.number, text
    record.recipes += done.recipes
    record.seconds += done.seconds
    record.memory = max(record.memory, done.memory)
    record.problem = done.problem or record.problem
    record.ahead.add(done.number)
    while record.next in record.ahead:
        record.ahead.remove(record.next)
        record.next += 1
    if done.witness is not None and (record.number is None or done.number < record.number):
        record.number, record.witness, record.normal = done.number, done.witness, None
        record.shown, record.violation, record.margin = done.shown, done.violation, done.margin
