"""Print the journal of a campaign, which may be running; or write the ledger of the catalogue as one HTML page."""

from __future__ import annotations

import argparse
import math
import os
import stat
import sys
from contextlib import (
    closing,
)
from pathlib import Path
from typing import Any

from theorems import evidence
from theorems.claim import Claim, Verdict
from theorems.commands.attacked_json import attacked_json
from theorems.commands.campaign import WITNESSES, attacked, summary
from theorems.commands.hunt import contradicts
from theorems.errors import InputError
from theorems.evidence import survival
from theorems.judge.strict_json import parse
from theorems.judge.witness import shown, write_text
from theorems.report.ledger import LedgerRow, ledger_table, margin, number, strata_table, violation_bound
from theorems.report.printing import (
    print_json,
    say,
    width,
)
from theorems.report.progress import bar
from theorems.report.selection import (
    among,
    catalogue,
    origin_of,
)
from theorems.report.since import changes
from theorems.report.totals import totals
from theorems.strategies.engine.journal import Journal, Record
from theorems.strategies.search.hunt import in_all

NAME = "report"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "examples: theorems report DIR\n          theorems report --html ledger.html"
    parser.add_argument("folder", metavar="DIR", nargs="?", help="the folder of a campaign")
    parser.add_argument("keys", nargs="*", metavar="KEY", help="only these claims, with their strata")
    parser.add_argument("--html", metavar="OUT", help="write the page of all claims, with DIR of those attacked there")
    parser.add_argument("--dir", action="store_true", help="with --html: a folder, a page a statement")
    parser.add_argument("--single", action="store_true", help="with --html: one page that needs no other")
    # As before the command; without a default, which would hide what stands there.
    parser.add_argument("--text", metavar="TEXT", action="append", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    parser.add_argument("--since", metavar="RECORD|TAG", help="with --html: mark what changed since then")
    parser.add_argument("--force", action="store_true", help="with --html, replace what exists")
    parser.add_argument("--record", action="store_true", help="keep what survived for `theorems show`")
    parser.add_argument("--json", action="store_true", help="print an array of objects, and nothing else")


def run(arguments: argparse.Namespace) -> int:
    if arguments.html is not None:
        return _write_page(arguments)
    for option in ("force", "dir", "single", "since"):
        if getattr(arguments, option):
            raise InputError(f"--{option}: it is about the page of --html OUT: give --html, or leave it out")
    if arguments.folder is None:
        raise InputError("no campaign is named: give its folder, `theorems report DIR`, or a page to write, --html OUT")
    seed, versions, records = _read(arguments.folder)
    verdicts = _verdicts(records)
    chosen = list(records)
    if arguments.keys:
        keys = among(arguments.keys, {record.entry.key for record in records.values()})
        chosen = [target for target in records if records[target].entry.key in keys]
    out = str(Path(arguments.folder) / WITNESSES)
    if arguments.record:
        _record({target: records[target] for target in chosen}, seed)
    if arguments.json:
        print_json([attacked_json(attacked(records[t], seed, out), _word(verdicts[t])) for t in chosen])
        return 0
    if arguments.keys:
        for target in chosen:
            _show(records[target], out)
    rows = []
    for target in chosen:
        record = records[target]
        total = attacked(record, seed, out).total
        word = _word(verdicts[target]) or "not judged"
        rows.append(LedgerRow(target, f"{word}{_sign(record)}", total, record.seconds))
    say(*totals({row.key: row.verdict.rstrip(" *") for row in rows}), "")
    say(*ledger_table(rows, width()).splitlines(), "")
    for target in chosen:
        if records[target].number is not None and contradicts(verdicts[target]):
            say(f"contradiction: {target} is refuted", style="bold")
        if records[target].problem:
            say(f"problem: {records[target].problem}")
    say(", ".join(f"{name} {value}" for name, value in versions.items()))
    done = summary({target: records[target] for target in chosen})
    say(
        f"{done['claims']} claims, {done['refuted']} refuted (*); {number(done['portions'])} portions, "
        f"{number(round(done['seconds']))} s of work, seed {seed}; largest worker {done['memory'] / 2**20:.0f} MiB"
    )
    return 0


def _read(folder: str) -> tuple[int, dict[str, str], dict[str, Record]]:
    """Seed, releases and records of a journal: data, of which nothing is run."""
    with closing(Journal.read(folder)) as journal:
        return journal.seed, journal.versions, journal.records()


def _verdicts(records: dict[str, Record]) -> dict[str, Verdict | None]:
    """What is held of each claim: by the catalogue of today, or, of a user's own, by its file when it was hunted."""
    known = catalogue()
    verdicts: dict[str, Verdict | None] = {}
    for target, record in records.items():
        key, word = record.entry.key, record.entry.verdict
        if record.entry.file is None and key in known:
            verdicts[target] = known[key].verdict
        elif word is None or word in {verdict.value for verdict in Verdict}:
            verdicts[target] = None if word is None else Verdict(word)
        else:
            raise InputError(f"{shown(target)}: the journal has a verdict that is none: {word!r}")
    return verdicts


def _word(verdict: Verdict | None) -> str | None:
    return None if verdict is None else verdict.value


def _record(records: dict[str, Record], seed: int) -> None:
    """Keep what was seen of the catalogue's claims that stand and were not refuted."""
    known = catalogue()
    data = {key: entry for key, entry in evidence.records.entries(survival.NAME).items() if key in known}
    for target, record in records.items():
        claim = known.get(target)
        if claim is None or claim.verdict is None or not claim.verdict.stands or record.number is not None:
            continue
        if record.entry.digest != claim.digest or record.problem:
            continue  # another form of the statement was hunted
        total = in_all(record.strata)
        bound = violation_bound(record.strata)
        data[target] = {
            "digest": claim.digest,
            "seed": seed,
            "recipes": record.recipes,
            "instances": total.instances,
            "exact": total.exact,
            "vacuous": total.vacuous,
            "undecided": total.undecided,
            "accused": total.accused,
            "construction_misses": total.construction_misses,
            "artefacts": total.artefacts,
            "strata": len(record.strata),
            "worst": total.worst if math.isfinite(total.worst) else None,
            "rate": None if bound is None else bound[1],
        }
    evidence.records.write(survival.NAME, data)


# the page -----------------------------------------------------------------------------------------------------------


def _write_page(arguments: argparse.Namespace) -> int:
    from theorems.page import page, pages

    if arguments.keys:
        raise InputError(f"--html: the page has every claim: leave {arguments.keys[0]!r} out, or add --text")
    if arguments.dir and arguments.single:
        raise InputError("--dir and --single: a folder or one page: leave one of them out")
    out = Path(arguments.html)
    (_require_folder if arguments.dir else _require_place)(out, force=arguments.force)
    claims = catalogue()
    survival: dict[str, list[str]] = {}
    if arguments.folder is not None:
        survival, claims = _survival(arguments.folder, claims)
    since = None if arguments.since is None else changes(arguments.since, claims.values())
    unread: list[str] = []
    make: Any = pages if arguments.dir else page
    with bar("setting", len(claims), arguments.json) as show:
        made = make(
            claims.values(), survival=survival, since=since, progress=lambda done: show.update(done, ""),
            unread=unread.append,
        )  # fmt: skip
    files = {out / name: text for name, text in made.items()} if arguments.dir else {out: made}
    if arguments.dir:
        out.mkdir(exist_ok=True)
    for path, text in files.items():
        write_text(path, text)
    size = sum(len(text.encode()) for text in files.values())
    if arguments.json:
        print_json({"page": str(out), "claims": len(claims), "bytes": size})
    else:
        count = f"{len(files)} pages, " if arguments.dir else ""
        say(f"{shown(out)}: {len(claims)} claims, {count}{size / 2**20:.1f} MiB")
    sys.stdout.flush()
    if unread:
        print(
            f"theorems: {shown(out)}: {len(unread)} counterexamples cannot be read or do not refute (the first: "
            f"{unread[0]}): run theorems verify",
            file=sys.stderr,
        )
    return int(bool(unread))


def _require_folder(out: Path, *, force: bool) -> None:
    """Complain of a place that cannot take a folder of pages."""
    name = shown(out)
    if os.path.lexists(out) and not out.is_dir():
        raise InputError(f"{name}: not a folder: choose another name, or leave --dir out")
    if out.is_dir() and any(out.iterdir()) and not force:
        raise InputError(f"{name}: it is not empty: choose another name, or add --force to replace the pages in it")
    folder = Path(os.path.realpath(out)).parent
    if not folder.is_dir():
        raise InputError(f"{name}: there is no folder {shown(folder)}: make it first")
    if not os.access(out if out.is_dir() else folder, os.W_OK | os.X_OK):
        raise InputError(f"{name}: the folder {shown(folder)} cannot be written: choose another place")


def _require_place(out: Path, *, force: bool) -> None:
    """Complain of a place that cannot take the page, before the work of making it."""
    name = shown(out)
    if out.is_dir():
        raise InputError(f"{name}: a folder: name a file in it, {name.rstrip('/')}/ledger.html")
    if os.path.lexists(out):
        if not force:
            raise InputError(f"{name}: it exists already: choose another name, or add --force to replace it")
        if out.exists() and not stat.S_ISREG(out.stat().st_mode):
            raise InputError(f"{name}: not a regular file: choose another name")
    folder = Path(os.path.realpath(out)).parent
    if not folder.is_dir():
        raise InputError(f"{name}: there is no folder {shown(folder)}: make it first")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InputError(f"{name}: the folder {shown(folder)} cannot be written: choose another place")


def _survival(folder: str, claims: dict[str, Claim]) -> tuple[dict[str, list[str]], dict[str, Claim]]:
    """What the journal of a campaign saw of those claims, in lines; and these claims.  No file that it names is run."""
    seed, _, records = _read(folder)
    found: dict[str, list[str]] = {}
    files: dict[str, None] = {}
    for record in records.values():
        if record.entry.key not in claims or (record.entry.file is None) != (origin_of(record.entry.key) is None):
            files |= {record.entry.file: None} if record.entry.file is not None else {}
            continue
        total = in_all(record.strata)
        counts = (
            f"{number(total.instances)} live instances in float64 and {number(total.exact)} exact ones,"
            f" {number(total.vacuous)} vacuous, {number(total.undecided)} undecided, {number(total.accused)} accused,"
            f" {number(total.construction_misses)} construction misses; worst margin"
            f" {margin(total.worst)}; seed {seed}"
        )
        lines = [counts if record.number is None else f"refuted by portion {record.number}: {counts}"]
        if record.entry.digest != claims[record.entry.key].digest:
            lines.append("on an earlier form of the statement")
        bound = violation_bound(record.strata)
        if bound is not None and record.number is None:
            lines.append(
                f"{number(bound[0])} independent draws of continuous laws: violations that float64 sees have a rate"
                f" below {bound[1]:.1e} at 95%"
            )
        found[record.entry.key] = lines
    if not found or files:
        names = ", ".join(map(shown, files)) or "other texts"
        left = f"{shown(folder)}: its claims of {names} are not on the page: name them, theorems --text FILE.py report"
        if not found:
            raise InputError(left)
        print(f"theorems: {left}", file=sys.stderr)
    return found, {key: claim for key, claim in claims.items() if key in found}


# the journal --------------------------------------------------------------------------------------------------------


def _sign(record: Record) -> str:
    return " *" if record.number is not None else ""


def _show(record: Record, out: str) -> None:
    say(record.entry.target, style="bold")
    if record.number is not None:
        finding = attacked(record, 0, out).finding
        form = "in normal form" if record.normal is not None else "not shrunk yet"
        say(f"  refuted by portion {record.number}, {form}")
        if finding is not None:
            say(*(f"    {line}" for line in finding.case.splitlines()))
            if finding.path is not None:
                say(f"  stored in {finding.path}")
    for _, text in record.doubts.values():
        doubt = parse(text.encode())
        say(f"  {doubt['kind']} ({doubt['stratum']}): {doubt['reason']}")
    say(*(f"  {line}" for line in strata_table(record.strata, width() - 2).splitlines()))
    bound = violation_bound(record.strata)
    if bound is not None and record.number is None:
        say(f"  independent draws of continuous laws: {number(bound[0])}; "
            f"violations that float64 sees have a rate below {bound[1]:.1e} at 95%")  # fmt: skip
    say("")
