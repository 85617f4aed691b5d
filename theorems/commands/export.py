"""Write refutations as theorems of Coq: a file for each, which `coqc` of Debian (package coq) accepts.

Each theorem says that there are numbers at which the hypotheses hold and the conclusion does not.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from shutil import which

from rich.progress import track

from theorems.catalogue import stored
from theorems.claim import Claim
from theorems.errors import InputError, Undefined, Unsupported
from theorems.judge.witness import read
from theorems.proofs.coq import PREAMBLE, export
from theorems.report.printing import console, print_json, say
from theorems.report.selection import catalogue, selected

NAME = "export"
#: Seconds for `coqc` to accept one file.
SECONDS = 120.0
ACCEPTED, REJECTED, WRITTEN, UNSUPPORTED = "accepted", "rejected", "written", "unsupported"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "example: theorems export --coq coq --check zeng-lee/equation-1.5"
    parser.add_argument("keys", nargs="*", metavar="KEY", help="claims with a witness; by default all")
    parser.add_argument("--coq", metavar="DIR", required=True, help="where the theorems are written")
    parser.add_argument("--check", action="store_true", help="let coqc check what is written")
    parser.add_argument("--json", action="store_true", help="print an array of objects, and nothing else")


def run(arguments: argparse.Namespace) -> int:
    if arguments.check and which("coqc") is None:
        raise InputError("coqc is not installed: apt-get install coq, or leave out --check")
    claims, files = catalogue(), stored()
    names = selected(arguments.keys) if arguments.keys else list(claims)
    chosen = [key for key in names if key in files]
    if not chosen:
        raise InputError(f"{', '.join(arguments.keys)}: no witness is stored, so that there is nothing to export")
    folder = Path(arguments.coq)
    folder.mkdir(parents=True, exist_ok=True)
    quiet = arguments.json or not sys.stderr.isatty()
    keys = track(chosen, "exporting", console=console(stderr=True), transient=True, disable=quiet)
    rows = [_exported(claims[key], files[key], folder, check=arguments.check) for key in keys]
    if arguments.json:
        print_json(rows)
    else:
        for row in rows:
            if row["result"] in (REJECTED, UNSUPPORTED):
                say(f"{row['key']}: {row['result']}: {row['message']}")
        counts = {
            word: sum(row["result"] == word for row in rows) for word in (ACCEPTED, WRITTEN, REJECTED, UNSUPPORTED)
        }
        say(", ".join(f"{count} {word}" for word, count in counts.items() if count))
    return 1 if any(row["result"] == REJECTED for row in rows) else 0


def _exported(claim: Claim, path: Path, folder: Path, *, check: bool) -> dict[str, str | None]:
    row: dict[str, str | None] = {"key": claim.key, "file": None, "result": UNSUPPORTED, "message": ""}
    try:
        made = export(claim, read(path, [claim]).case)
    except (Unsupported, Undefined) as error:
        return {**row, "message": str(error)}
    file = folder / f"{made.name}.v"
    file.write_text(PREAMBLE + made.text, encoding="utf-8")
    row |= {"file": file.name, "result": WRITTEN, "message": made.remark}
    if check:
        try:
            done = subprocess.run(
                ["coqc", "-q", file.name], cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            return {**row, "result": REJECTED, "message": f"coqc did not end within {SECONDS:g} s"}
        row["result"] = ACCEPTED if done.returncode == 0 else REJECTED
        if done.returncode != 0:
            row["message"] = " ".join((done.stderr or done.stdout).split())[-300:]
    return row
