"""What a worker of a campaign does: a portion of a claim, or the normal form of a counterexample.

Both take plain data and return plain data, and write no file: a worker may be on another machine.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import math
import sys
import threading
import time
import warnings
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass
from typing import Any

from theorems.case import exact
from theorems.claim import Claim
from theorems.domains import (
    AS_DRAWN,
    decoded,
)
from theorems.errors import InputError
from theorems.judge.codec import decode
from theorems.judge.strict_json import parse
from theorems.judge.witness import convict, dumps, shown
from theorems.loading import importable
from theorems.strategies.engine.journal import Done, Entry
from theorems.strategies.engine.worker import (
    Task,
    described,
    explained,
    prepared,
    shown_doubt,
)
from theorems.strategies.search.conviction import Conviction, confirmed
from theorems.strategies.search.conviction import convict as convict_exactly
from theorems.strategies.search.hunt import shrunk
from theorems.strategies.search.lift import lifted
from theorems.strategies.search.portion import portion

#: FLINT's precision and what a statement prints belong to the process: a worker with threads does one thing at a time.
_ALONE = threading.Lock()
#: Seconds that a normal form may take, of a portion of a campaign.
NORMAL_FORM = 120.0


@dataclass(frozen=True)
class Errand:
    """What a worker is sent for: portion `number` of a claim, or, with a witness, its normal form."""

    entry: Entry
    seed: int
    number: int
    most: int
    witness: str | None = None


def run_errand(errand: Errand) -> Done:
    """Do it.  Whatever goes wrong with one claim is reported, and is no end of the others."""
    begin = time.monotonic()
    result = Done(errand.entry.target, errand.number)
    task = Task(errand.entry.key, errand.entry.file, errand.seed)
    with _ALONE, warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # overflow in floats is expected, and judged
        try:
            claim, strategy = prepared(task)
            if claim.digest != errand.entry.digest:
                raise InputError(
                    f"{task.target}: a worker has another statement of this claim: install one release everywhere"
                )
            with importable(task.file or __file__), redirect_stdout(sys.stderr):
                if errand.witness is None:
                    _attack(claim, strategy, errand, result)
                else:
                    _normalise(claim, strategy, errand, result)
        except InputError as error:
            result.problem, result.invalid = " ".join(str(error).split()), True
        except Exception as error:
            result.problem, result.invalid = explained(error, task), task.file is not None
    result.seconds, result.memory = time.monotonic() - begin, _memory()
    return result


def _attack(claim: Claim, strategy: Any, errand: Errand, result: Done) -> None:
    done = portion(claim, strategy, seed=errand.seed, number=errand.number, most=errand.most)
    result.strata, result.recipes = done.strata, done.recipes
    for kind, doubt in done.doubts.items():
        result.doubts[kind] = json.dumps(vars(shown_doubt(doubt)) | {"margin": str(doubt.margin)})
    if done.conviction is not None:
        conviction = confirmed(claim, done.conviction)
        try:
            _tell(claim, conviction, errand, result)
        except InputError:  # too large to be stored as it is
            _tell(claim, shrunk(claim, conviction, strategy, seconds=NORMAL_FORM), errand, result)


def _normalise(claim: Claim, strategy: Any, errand: Errand, result: Done) -> None:
    assert errand.witness is not None
    data = parse(errand.witness.encode())
    case = decode(data["case"], claim)
    conviction = convict_exactly(claim, case)
    if conviction is None:
        raise InputError(f"{errand.entry.target}: the counterexample in the journal is not convicted again")
    domain = decoded(data["domain"]) if "domain" in data else AS_DRAWN
    conviction = shrunk(claim, dataclasses.replace(conviction, domain=domain), strategy, seconds=NORMAL_FORM)
    _tell(claim, conviction, errand, result, lifted(claim, conviction.case, conviction.domain))
    if conviction.raised is not None:
        raise conviction.raised


def _tell(claim: Claim, conviction: Conviction, errand: Errand, result: Done, more: str = "") -> None:
    """The counterexample for the journal: as a witness file, and for people."""
    note = f"found by `theorems hunt {shown(errand.entry.target)} --seed {errand.seed}`" + (f"; {more}" if more else "")
    case = exact(conviction.case)
    witness = convict(case, claim, conviction.arithmetic, note, conviction.domain.at(case))
    if witness is None:
        raise InputError(f"{claim.key}: the counterexample is not convicted again")
    result.witness = dumps(witness, claim)
    finding = described(claim, witness.case, conviction.arithmetic)
    result.shown, result.violation = finding.case, finding.violation
    result.margin = finding.margin if math.isfinite(finding.margin) else None


def _memory() -> int:
    """The most memory that this process has had, in bytes; 0 where the system does not tell."""
    if importlib.util.find_spec("resource") is None:
        return 0
    import resource

    peak = 0
    with suppress(OSError):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak
