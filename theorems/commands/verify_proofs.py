"""Replay the certificates of proofs (`theorems verify --proofs`)."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

from rich.progress import track

from theorems.claim import Claim
from theorems.errors import InputError
from theorems.evidence import certificates
from theorems.report.printing import console, print_json, say
from theorems.report.selection import selected

PROVES, INVALID = "proves", "invalid"


@dataclass(frozen=True)
class _Row:
    key: str
    file: str
    sizes: str | None
    conclusion: str | None
    result: str
    message: str = ""


def run(arguments: argparse.Namespace, claims: dict[str, Claim]) -> int:
    """Replay those of the claims or files that are named, or all; exit code 2 where one is refused."""
    if arguments.restamp or arguments.arithmetic or arguments.necessity or arguments.evidence:
        raise InputError("--proofs replays certificates and nothing else: leave out the other options")
    pairs = _chosen(arguments.targets, claims)
    quiet = arguments.json or not sys.stderr.isatty()
    rows: list[_Row] = []
    for claim, path in track(pairs, "replaying", console=console(stderr=True), transient=True, disable=quiet):
        try:
            shown = certificates.verified(path, claim)
            rows += [_Row(claim.key, path.name, sizes, name, PROVES) for sizes, name in shown]
        except InputError as error:
            rows.append(_Row(claim.key, path.name, None, None, INVALID, str(error)))
    if arguments.json:
        print_json([vars(row) for row in rows])
    else:
        good = [row for row in rows if row.result == PROVES]
        if len(pairs) <= 12:
            say(*(f"{row.key}: {row.conclusion}, for every case of {row.sizes}" for row in good))
        count = len({row.key for row in good})
        say(f"{len(good)} conclusions of {count} claims shown again, by the standard library")
    sys.stdout.flush()
    for row in rows:
        if row.result == INVALID:
            print("theorems:", row.message, file=sys.stderr)
    return 2 if any(row.result == INVALID for row in rows) else 0


def _chosen(targets: list[str], claims: dict[str, Claim]) -> list[tuple[Claim, Path]]:
    files = certificates.stored(claims.values())
    if not targets:
        return [(claims[key], path) for key, path in files.items()]
    found: list[tuple[Claim, Path]] = []
    for name in targets:
        path = Path(name)
        if name.endswith(".json") and path.exists():
            own = [claim for claim in claims.values() if certificates.name_of(claim) == path.name]
            if not own:
                raise InputError(f"{path.name}: no claim has certificates of that name")
            found.append((own[0], path))
            continue
        keys = [key for key in selected([name]) if key in files]
        if not keys:
            raise InputError(f"{name}: no certificate is stored: theorems prove {name} --record")
        found += [(claims[key], files[key]) for key in keys]
    return found
