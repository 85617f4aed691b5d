"""Replay witnesses: does each still refute its claim, in more than one arithmetic?

Exits 1 when one does not, and when one refutes a claim that its verdict holds to stand.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from theorems import catalogue as texts
from theorems.catalogue import stored
from theorems.claim import Claim, Verdict
from theorems.errors import InputError
from theorems.evidence import necessity
from theorems.judge.witness import (
    DOES_NOT_REFUTE,
    INVALID,
    REFUTES,
    UNSUPPORTED,
    Edited,
    Witness,
    convict,
    dumps,
    read,
    replay,
    shown,
    unknown,
    witness_name,
    write,
)
from theorems.loading import load_claims
from theorems.report.printing import (
    bars,
    complain,
    print_json,
    say,
    table,
)
from theorems.report.selection import catalogue, family, statement_of, verdict_of

NAME = "verify"
ARITHMETICS = ("rational", "fractions", "ball")


@dataclass(frozen=True)
class _Target:
    """Something to verify: a file, or the lack of one."""

    name: str  # as it is printed
    path: Path | str | None
    key: str | None = None  # the claim that the file must be about, where that is known
    problem: str = ""
    result: str = INVALID


@dataclass(frozen=True)
class _Row:
    key: str | None
    witness: str | None
    arithmetic: str | None
    result: str
    message: str = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "example: theorems verify zeng-lee/equation-1.5 theorems-findings/mine.json --arithmetic all"
    parser.add_argument("targets", nargs="*", metavar="KEY|FILE", help="claims or witness files; all stored witnesses")
    parser.add_argument(
        "--arithmetic", choices=[*ARITHMETICS, "all"], help="by default that of the witness, and fractions"
    )
    parser.add_argument(
        "--necessity", action="store_true", help="only the witnesses that a hypothesis of a claim is needed"
    )
    parser.add_argument("--proofs", action="store_true", help="replay the certificates of proofs instead")
    parser.add_argument("--evidence", action="store_true", help="replay what was measured of claims that stand")
    parser.add_argument("--claims", metavar="FILE.py", help="your own claims file, for witnesses of its claims")
    parser.add_argument(
        "--restamp", action="store_true", help="renew digests and checksums, once two arithmetics convict again"
    )
    parser.add_argument("--json", action="store_true", help="print an array of objects, and nothing else")


def run(arguments: argparse.Namespace) -> int:
    if arguments.restamp and arguments.arithmetic:
        raise InputError("--restamp convicts in arithmetics of its own choice: leave out --arithmetic")
    if arguments.claims:
        texts.add(load_claims(arguments.claims).text)
    claims = catalogue() | (load_claims(arguments.claims).by_key if arguments.claims else {})
    if arguments.proofs:
        from theorems.commands import verify_proofs

        return verify_proofs.run(arguments, claims)
    if arguments.evidence:
        from theorems.commands import verify_evidence  # it loads the strategies

        return verify_evidence.run(arguments, claims)
    weak = {path.name: (claim, path) for path, claim in _weakened(claims)}
    targets = list(_chosen(arguments, claims, weak))
    claims |= {claim.key: claim for claim, _ in weak.values() if claim is not None}
    rows: list[_Row] = []
    status = 0
    with bars(quiet=arguments.json) as progress:
        for target in progress.track(targets, description="replaying"):
            with redirect_stdout(sys.stderr):  # what a user's statement prints is no part of the output
                found = _verify(target, claims, arguments.arithmetic, restamp=arguments.restamp)
            rows += found
            status = max(status, _status(found, claims))
    if arguments.json:
        print_json([vars(row) for row in rows])
    else:
        _print(rows)
    sys.stdout.flush()
    for message in dict.fromkeys(row.message for row in rows if row.result == INVALID):  # said once, not per arithmetic
        complain(message)
    return status


def _weakened(claims: dict[str, Claim]) -> Iterator[tuple[Path, Claim | None]]:
    """The witnesses that a hypothesis is needed, each with the claim without it; None for a file of no such claim."""
    paths = necessity.witnesses()
    known = necessity.derived(claims.values()) if paths else {}
    for path in paths:
        yield path, known.get(path.name)


def _chosen(
    arguments: argparse.Namespace, claims: dict[str, Claim], weak: dict[str, tuple[Claim | None, Path]]
) -> Iterator[_Target]:
    """What the arguments ask for: the claims and files that they name, or all there are."""
    if not arguments.necessity:
        yield from (t for name in arguments.targets for t in _targets(name, claims))
        if arguments.targets:
            return
        yield from _everything(claims)
    named = {key for name in arguments.targets for key in _keys(name, claims)}
    for claim, path in weak.values():
        if claim is None:
            problem = f"{path.name}: no claim that stands has such a hypothesis: delete the file"
            yield _Target(path.name, None, None, problem)
        elif not arguments.targets or claim.key.partition(" ")[0] in named:
            yield _Target(path.name, path, claim.key)


def _keys(name: str, claims: dict[str, Claim]) -> list[str]:
    """The keys of the claims that a name stands for.  Raises `InputError` where there are none."""
    relatives = [claims[name]] if name in claims else family(name, claims)
    if not relatives:
        raise InputError(unknown(name, {*claims, *map(statement_of, claims)}))
    return [claim.key for claim in relatives]


def _status(rows: list[_Row], claims: dict[str, Claim]) -> int:
    """The exit code that the rows of one witness call for: 1 also where it refutes a claim that is held to stand."""
    results = {row.result for row in rows}
    if INVALID in results:
        return 2
    if any(row.result == REFUTES and row.key is not None and _stands(claims.get(row.key)) for row in rows):
        return 1
    return 0 if REFUTES in results and DOES_NOT_REFUTE not in results else 1


def _stands(claim: Claim | None) -> bool:
    return claim is not None and claim.verdict is not None and claim.verdict.stands


def _targets(name: str, claims: dict[str, Claim]) -> Iterator[_Target]:
    """What an argument stands for: a claim, the refuted claims of a statement, or a file."""
    relatives = [claims[name]] if name in claims else family(name, claims)
    if relatives:
        files = stored()
        known = [c for c in relatives if c.key in files or c.verdict is Verdict.REFUTED]
        yield from (_of_claim(claim, files) for claim in known)
        if not known:
            word = verdict_of(relatives[0]) or "not judged"
            yield _Target(name, None, name, f"{name} is {word}, not refuted: it has no witness to verify")
    elif os.path.lexists(name) or name.endswith(".json"):
        yield _Target(shown(name), name)
    else:
        known_keys = {*claims, *map(statement_of, claims)}
        yield _Target(name, None, name, f"{unknown(name, known_keys)} (nor is there a file of that name)")


def _of_claim(claim: Claim, files: dict[str, Path]) -> _Target:
    if claim.key in files:
        return _Target(files[claim.key].name, files[claim.key], claim.key)
    problem = f"no witness is stored: {witness_name(claim.key)} is missing"
    return _Target(claim.key, None, claim.key, problem, DOES_NOT_REFUTE)


def _everything(claims: dict[str, Claim]) -> Iterator[_Target]:
    """The stored witnesses, in the order of the catalogue, and the refuted claims that lack one."""
    files = stored()
    for claim in claims.values():
        if claim.key in files or claim.verdict is Verdict.REFUTED:
            yield _of_claim(claim, files)
    for key, path in files.items():
        if key not in claims:
            yield _Target(path.name, path)


def _verify(target: _Target, claims: dict[str, Claim], wanted: str | None, *, restamp: bool) -> list[_Row]:
    if target.path is None:
        return [_Row(target.key, None, None, target.result, target.problem)]
    try:
        witness = read(target.path, claims.values(), stale=restamp)
        if target.key not in (None, witness.claim):
            raise InputError(f"{target.name}: claim: it is {witness.claim}, in the place of a witness for {target.key}")
        claim = claims[witness.claim]
        if restamp:
            return _restamp(target, witness, claim)
    except Edited as error:
        return _edited(target, claims, wanted, str(error))
    except InputError as error:
        return [_Row(target.key, target.name, None, INVALID, str(error))]
    return _replays(target, witness, claim, wanted)


def _edited(target: _Target, claims: dict[str, Claim], wanted: str | None, complaint: str) -> list[_Row]:
    """What a file that was edited since it was written is: no counterexample, or at least not that of the record."""
    assert target.path is not None
    witness = read(target.path, claims.values(), stale=True)
    if target.key in (None, witness.claim):
        rows = _replays(target, witness, claims[witness.claim], wanted)
        results = {row.result for row in rows}
        if DOES_NOT_REFUTE in results or REFUTES not in results:
            return rows
    return [_Row(target.key, target.name, None, INVALID, complaint)]


def _replays(target: _Target, witness: Witness, claim: Claim, wanted: str | None) -> list[_Row]:
    own = (witness.arithmetic, "fractions")
    return [_replay(target, witness, claim, name) for name in _arithmetics(wanted, own)]


def _arithmetics(wanted: str | None, own: tuple[str, ...]) -> tuple[str, ...]:
    return own if wanted is None else ARITHMETICS if wanted == "all" else (wanted,)


def _replay(target: _Target, witness: Witness, claim: Claim, arithmetic: str) -> _Row:
    found = replay(witness, claim, arithmetic)
    message = found.message
    if found.result == INVALID:
        message = f"{target.name}: {message}"
    elif found.result == REFUTES and claim.verdict is not None and claim.verdict.stands and not message:
        message = f"a contradiction: {claim.key} is held to be {claim.verdict.value}"
    return _Row(claim.key, target.name, arithmetic, found.result, message)


def _restamp(target: _Target, witness: Witness, claim: Claim) -> list[_Row]:
    """Convict again, in the arithmetic of the witness and in a second one; only then renew the file."""
    assert target.path is not None
    rows: list[_Row] = []
    try:
        renewed = convict(witness.case, claim, witness.arithmetic, witness.note, witness.domain)
    except Exception:  # a case that does not fit the statement any more: the replay says how
        renewed = None
    for name in dict.fromkeys((witness.arithmetic, "fractions", *ARITHMETICS)):
        rows.append(_replay(target, renewed or witness, claim, name))
        if rows[-1].result in (DOES_NOT_REFUTE, INVALID) or sum(row.result == REFUTES for row in rows) == 2:
            break
    if [row.result for row in rows].count(REFUTES) < 2 or any(row.result not in (REFUTES, UNSUPPORTED) for row in rows):
        reason = "not restamped: two arithmetics must refute"
        return [*rows, _Row(claim.key, target.name, None, DOES_NOT_REFUTE, reason)]
    if renewed is not None and Path(target.path).read_bytes() != dumps(renewed, claim).encode():
        write(target.path, renewed, claim)
        rows[0] = _Row(claim.key, target.name, rows[0].arithmetic, REFUTES, "restamped")
    return rows


def _print(rows: list[_Row]) -> None:
    if not rows:
        say("no witness is stored, and no claim is refuted")
        return
    cells = [(row.key or row.witness or "", row.arithmetic or "-", row.result) for row in rows]
    say(*table(("claim", "arithmetic", "result"), cells, fold={0: 10}), "")
    for row in rows:
        if row.message and row.result != INVALID:
            where = f" in {row.arithmetic}" if row.arithmetic else ""
            say(f"{row.key or row.witness}: {row.result}{where}: {row.message}")
    files = len({row.witness for row in rows if row.witness})
    counts = Counter(row.result for row in rows)
    words = {REFUTES: "refute", DOES_NOT_REFUTE: "do not refute", UNSUPPORTED: "unsupported", INVALID: "invalid"}
    detail = ", ".join(f"{counts[result]} {word}" for result, word in words.items() if counts[result])
    replays = sum(row.arithmetic is not None for row in rows)
    say(f"{files} witness{'' if files == 1 else 'es'}, {replays} replay{'' if replays == 1 else 's'}: {detail}")
