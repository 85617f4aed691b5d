"""Prove what claims conclude, at named sizes: for every case of a shape, not only for those that were drawn.

The statement runs unchanged on formulas.  What comes out is an identity, a chain of exact signs, a sum of squares, or
the word of the solver z3, conclusion by conclusion; what no technique settles is open, and says why.  Results are kept
as the work goes on, and a second run does only what is missing.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import os
import re
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.progress import Progress

from theorems.catalogue import claim as claim_of
from theorems.catalogue import strategy
from theorems.claim import Claim
from theorems.commands.hunt import add_jobs, require_jobs
from theorems.commands.prove_work import Job, prove_all
from theorems.errors import InputError
from theorems.evidence import certificates, proofs, records
from theorems.proofs import shapes
from theorems.proofs.attempt import OPEN, PROVED, REFUTED, UNSUPPORTED
from theorems.proofs.outcome import ORDER
from theorems.report.printing import console, print_json, say
from theorems.report.selection import catalogue, selected

NAME = "prove"
SECONDS = 20.0
OUT = "theorems-findings"
#: Characters of a stored certificate at most, and how many of a kind are stored for a claim.
LONGEST, STORED = 60_000, {"steps": 3, "points": 2}
#: The name of what stands for the conclusions of a claim where none was reached.
NOT_REACHED = "what it concludes"
#: Claims between two writings of the record.
OFTEN = 5
_SIZE = re.compile(r"\s*([DLN])\s*(<=|=)\s*(\d+)\s*")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "examples: theorems prove zeng-lee/equation-1.4\n"
        '          theorems prove mine.py::CLAIM --sizes "D<=2, L<=2" --technique identity'
    )
    parser.add_argument("targets", nargs="*", metavar="KEY|FILE.py::name", help="claims of the catalogue, or your own")
    parser.add_argument("--all", action="store_true", help="every claim of the catalogue that stands")
    parser.add_argument("--sizes", default="", help='bounds such as "D<=2, L<=2": longest axis D, longest list L')
    parser.add_argument("--technique", action="append", choices=ORDER, help="only these techniques (may be repeated)")
    parser.add_argument("--seconds", type=float, default=SECONDS, help=f"of computing, a claim (default {SECONDS:g})")
    add_jobs(parser)
    parser.add_argument("--again", action="store_true", help="also what is on record already, from the beginning")
    parser.add_argument("--open", action="store_true", help="also what is open on record; what is proved there stays")
    parser.add_argument("--out", metavar="DIR", default=OUT, help=f"where results are kept (default ./{OUT})")
    parser.add_argument("--record", action="store_true", help="keep the results for `show` and `list --strength`")
    parser.add_argument("--json", action="store_true", help="print an array of objects, and nothing else")


def run(arguments: argparse.Namespace) -> int:
    if not 0 < arguments.seconds < math.inf:
        raise InputError(f"--seconds {arguments.seconds:g}: give a positive number of seconds")
    require_jobs(arguments.jobs)
    allowed = sizes_of(arguments.sizes)
    techniques = tuple(arguments.technique or ())
    claims = _claims(arguments)
    if not techniques or {"solver", "squares"} & {*techniques}:
        _require_solvers()
    kept = Record(arguments)
    todo = [pair for pair in claims if arguments.again or kept.lacks(pair[0], proof=arguments.open)]
    jobs = [Job(claim, strategy, arguments.seconds, techniques, allowed) for claim, strategy in todo]
    problems: list[str] = []
    with Progress(
        console=console(stderr=True), transient=True, disable=arguments.json or not sys.stderr.isatty()
    ) as bar:
        task = bar.add_task("proving", total=len(jobs))

        def ready(job: Job, attempts: list[dict[str, Any]], problem: str) -> None:
            kept.add(job.claim, attempts, problem, anew=arguments.again)
            if problem:
                problems.append(f"{job.claim.key}: {problem}")
            bar.advance(task)

        try:
            prove_all(jobs, at_once=arguments.jobs, ready=ready)
        finally:
            kept.write()
    rows = [row for claim, _ in claims for row in kept.rows(claim)]
    if arguments.json:
        print_json(rows)
    else:
        _print(claims, kept)
    sys.stdout.flush()
    for problem in problems:
        print("theorems:", problem, file=sys.stderr)
    return 1 if any(row["result"] == REFUTED for row in rows) else 0


def _require_solvers() -> None:
    for module, name in (("z3", "z3-solver"), ("clarabel", "clarabel")):
        if importlib.util.find_spec(module) is None:
            raise InputError(
                f"{name} is not installed: pip install 'theorem-checker[proofs]', or ask for identities only "
                "(--technique identity)"
            )


def _claims(arguments: argparse.Namespace) -> list[tuple[Claim, Any]]:
    """The claims with the strategies that draw their shapes."""
    claims = catalogue()
    if arguments.all:
        if arguments.targets:
            raise InputError(f"--all and {arguments.targets[0]} exclude each other: leave out one of them")
        standing = [claim for claim in claims.values() if claim.verdict is not None and claim.verdict.stands]
        return [(claim, strategy(claim.key)) for claim in standing]
    if not arguments.targets:
        raise InputError("nothing to prove: give a KEY, FILE.py::name or --all (`theorems list` prints the keys)")
    keys = selected(arguments.targets)
    return [(claim_of(key), strategy(key)) for key in keys]


def sizes_of(text: str) -> Callable[[Any], bool]:
    """What ``--sizes`` allows.  Raises `InputError` for what it does not understand."""
    bounds: list[tuple[str, str, int]] = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        match = _SIZE.fullmatch(part)
        if match is None:
            raise InputError(f'--sizes: {part!r} is no bound: write "D<=2, L<=2" (D: longest axis, L: longest list)')
        bounds.append((match[1], match[2], int(match[3])))

    def allowed(case: Any) -> bool:
        values = {"D": shapes.side(case), "L": shapes.depth(case), "N": shapes.entries(case)}
        return all(values[n] <= b if relation == "<=" else values[n] == b for n, relation, b in bounds)

    return allowed


class Record:
    """The results so far: the package's record, or a file of the user's."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.folder = None if arguments.record else Path(arguments.out)
        self.entries: dict[str, dict[str, Any]] = {}
        self.since = 0
        if self.folder is None:
            self.entries = dict(records.entries(proofs.NAME))
        elif (path := self.folder / f"{proofs.NAME}.json").exists():
            try:
                self.entries = json.loads(path.read_bytes())
            except ValueError as error:
                raise InputError(f"{path}: not JSON ({error}): delete it, and prove again") from None

    def lacks(self, claim: Claim, *, proof: bool) -> bool:
        """Whether the claim was not tried in its present form; or, with `proof`, a conclusion of it is not proved."""
        entry = self.entries.get(claim.key, {})
        if entry.get("digest") != claim.digest:
            return True
        return proof and not all(conclusion["proofs"] for conclusion in entry["conclusions"])

    def add(self, claim: Claim, attempts: list[dict[str, Any]], problem: str, *, anew: bool) -> None:
        """Keep what was found, besides what was proved before of the same form; written every few claims."""
        before = [] if anew or self.lacks(claim, proof=False) else self.entries[claim.key]["conclusions"]
        earlier = certificates.read(claim, self.folder) if before else []
        kept = chosen_certificates(attempts, earlier)
        self.entries[claim.key] = joined(entry_of(claim, attempts, problem, kept), before)
        certificates.write(claim, kept, self.folder)
        self.since += 1
        if self.since >= OFTEN:
            self.write()

    def write(self) -> None:
        """Write the record whole."""
        self.since = 0
        if self.folder is None:
            records.write(proofs.NAME, self.entries)
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = self.folder / f"{proofs.NAME}.json.part"
        draft.write_text(json.dumps(self.entries, sort_keys=True, indent=1) + "\n", encoding="utf-8")
        os.replace(draft, self.folder / f"{proofs.NAME}.json")

    def rows(self, claim: Claim) -> list[dict[str, Any]]:
        """The results of a claim, as `--json` prints them."""
        found = self.entries.get(claim.key)
        rows: list[dict[str, Any]] = []
        for conclusion in found["conclusions"] if found else ():
            name = conclusion["conclusion"]
            for proof in conclusion["proofs"]:
                result = REFUTED if proof["technique"] == "counterexample" else PROVED
                row = {k: proof[k] for k in ("technique", "sizes", "certificate", "seconds")}
                rows.append({"key": claim.key, "conclusion": name, "result": result, **row})
            if not conclusion["proofs"]:
                open_ = {"technique": None, "sizes": None, "certificate": None, "seconds": found["seconds"]}  # type: ignore[index]
                word = UNSUPPORTED if conclusion["unsupported"] else OPEN
                rows.append(
                    {"key": claim.key, "conclusion": name, "result": word, **open_, "reason": conclusion["open"]}
                )
        return rows


def joined(entry: dict[str, Any], before: list[dict[str, Any]]) -> dict[str, Any]:
    """An entry with the proofs that were there before, where it has none for their sizes."""
    if entry["conclusions"][0]["conclusion"] == NOT_REACHED and any(old["proofs"] for old in before):
        return {**entry, "conclusions": before}
    for old in before:
        if not old["proofs"]:
            continue
        new = next((c for c in entry["conclusions"] if c["conclusion"] == old["conclusion"]), None)
        if new is None:
            entry["conclusions"].append(old)
        else:
            sizes = {proof["sizes"] for proof in new["proofs"]}
            new["proofs"] += [proof for proof in old["proofs"] if proof["sizes"] not in sizes]
    return entry


def chosen_certificates(attempts: list[dict[str, Any]], earlier: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The certificates that are stored: those of before, and of the largest shapes, few and not too long."""
    found = [data for made in sorted(attempts, key=lambda made: -made["side"]) for data in made["certificates"]]
    kept: list[dict[str, Any]] = list(earlier)
    for data in found:
        length = len(json.dumps(data))
        if length <= LONGEST and sum(other["kind"] == data["kind"] for other in kept) < STORED[data["kind"]]:
            kept.append(data)
    return kept


def entry_of(claim: Claim, attempts: list[dict[str, Any]], problem: str, kept: list[dict[str, Any]]) -> dict[str, Any]:
    """The entry of the record for a claim; `kept` are the certificates that are stored."""
    stored = {(data["kind"], data["sizes"], name) for data in kept for name in data["conclusions"]}
    found: dict[str, dict[str, Any]] = {}
    reasons = [made["reason"] for made in attempts if made["reason"]]
    for made in attempts:
        for result in made["results"]:
            name = result["conclusion"]
            conclusion = found.setdefault(name, {"conclusion": name, "proofs": [], "open": "", "unsupported": False})
            if result["result"] in (PROVED, REFUTED):
                conclusion["proofs"].append(
                    {
                        "sizes": made["sizes"],
                        "side": made["side"],
                        "technique": result["technique"],
                        "certificate": certificate_of(result, made["sizes"], claim, stored),
                        "error_bits": made["error_bits"] if result["technique"] == "identity at a point" else None,
                        "seconds": made["seconds"],
                    }
                )
            else:
                conclusion["open"] = conclusion["open"] or f"{result['reason']} ({made['sizes']})"
                conclusion["unsupported"] = result["result"] == UNSUPPORTED
    if not found:
        why = problem or (reasons[0] if reasons else "no shape was tried")
        found[NOT_REACHED] = {"conclusion": NOT_REACHED, "proofs": [], "open": why, "unsupported": False}
    seconds = round(sum(made["seconds"] for made in attempts), 2)
    return {"digest": claim.digest, "seconds": seconds, "conclusions": list(found.values())}


def certificate_of(result: dict[str, Any], sizes: str, claim: Claim, stored: set[tuple[str, str, str]]) -> str | None:
    """Where the certificate of a result is: the file of the claim, "enumeration", or that it is not stored."""
    kind = result["certificate"]
    if kind in ("steps", "points"):
        return certificates.name_of(claim) if (kind, sizes, result["conclusion"]) in stored else f"{kind}, not stored"
    return kind or None


def _print(claims: list[tuple[Claim, Any]], kept: Record) -> None:
    counts: Counter[str] = Counter()
    for claim, _ in claims:
        rows = kept.rows(claim)
        if len(claims) <= 12:
            say(claim.key, style="bold")
            for row in rows:
                where = f" for {row['sizes']}" if row["sizes"] else ""
                how = f", {proofs.WORDS.get(row['technique'], row['technique'])}" if row["technique"] else ""
                say(
                    f"  {row['result']}: {row['conclusion']}{where}{how}"
                    + (f" ({row['reason']})" if row.get("reason") else "")
                )
        by_name: dict[str, bool] = {}
        for row in rows:
            by_name[row["conclusion"]] = by_name.get(row["conclusion"], False) or row["result"] == PROVED
        counts["proved" if by_name and all(by_name.values()) else "open"] += 1
        counts["refuted"] += any(row["result"] == REFUTED for row in rows)
    say(f"{len(claims)} claims: {counts['proved']} proved at named sizes, {counts['open']} open in part or whole")
    if counts["refuted"]:
        say(f"{counts['refuted']} refuted by a case that a solver proposed, and that exact arithmetic convicts")
