"""What changed of the claims since an earlier version: verdicts, kinds, labels and strengths."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from theorems.claim import Claim
from theorems.errors import InputError
from theorems.judge.strict_json import parse
from theorems.judge.witness import contents, shown
from theorems.report.selection import describe

#: Seconds that an earlier version may take to list its claims.
PATIENCE = 120


@dataclass(frozen=True)
class Changes:
    """What an earlier version held of the claims that changed, in words, by key; the keys that are gone."""

    name: str
    words: Mapping[str, str]
    gone: tuple[str, ...]


def changes(name: str, claims: Iterable[Claim]) -> Changes:
    """The changes since a record (what `theorems list --json` printed) or a tag of the repository of this package."""
    path = Path(name)
    rows = _rows(contents(path), shown(path)) if path.exists() else _rows(_listed(name), name)
    now = {claim.key: describe(claim) for claim in claims}
    sources = {key.partition("/")[0] for key in now}
    words = {key: text for key, row in now.items() if (text := _change(rows.get(key), row))}
    gone = tuple(key for key in rows if key not in now and key.partition("/")[0] in sources)
    return Changes(path.name if path.exists() else name, words, gone)


def _change(before: Mapping[str, Any] | None, now: Mapping[str, Any]) -> str:
    """What was held before, where that differs; a field that the record lacks is not compared."""
    if before is None:
        return "new"
    parts = []
    if any(name in before and before[name] != now[name] for name in ("verdict", "kind")):
        parts.append(f"was {before.get('kind') or before.get('verdict') or 'not judged'}")
    if "label" in before and before["label"] != now["label"]:
        parts.append(f"was labelled {before['label']}")
    if "strength" in before and _techniques(before) != _techniques(now):
        parts.append(f"was shown by {', '.join(_techniques(before)) or 'samples only'}")
    return "; ".join(parts)


def _techniques(row: Mapping[str, Any]) -> list[str]:
    """How the conclusions were proved, without certificates and sizes."""
    found = row.get("strength") or ()
    return sorted({str(one.get("technique")) for one in found if isinstance(one, dict)})


def _rows(data: bytes, name: str) -> dict[str, Mapping[str, Any]]:
    try:
        rows = parse(data)
    except InputError as error:
        raise InputError(f"{name}: {error}: give what `theorems list --json` printed, or a tag") from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) and isinstance(row.get("key"), str) for row in rows):
        raise InputError(f"{name}: not a list of claims: give what `theorems list --json` printed, or a tag")
    return {row["key"]: row for row in rows}


def _listed(tag: str) -> bytes:
    """What `theorems list --json` prints at a tag, in a folder that is taken away again."""
    root = Path(__file__).resolve().parents[2]
    wanted = f"{tag}: no such file, and no tag of {shown(root)}: write a record with theorems list --json"
    if tag.startswith("-"):
        raise InputError(wanted)
    packed = subprocess.run(["git", "-C", str(root), "archive", tag], capture_output=True, check=False)
    if packed.returncode:
        raise InputError(wanted)
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=BytesIO(packed.stdout)) as archive:
            archive.extractall(folder, filter="data")
        command = [sys.executable, "-m", "theorems", "list", "--json"]
        try:
            run = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            raise InputError(f"{tag}: its claims are not listed within {PATIENCE} s: give a record instead") from None
        if run.returncode:
            reason = run.stderr.decode(errors="replace").strip().splitlines()
            raise InputError(f"{tag}: its claims cannot be listed ({reason[-1] if reason else 'no reason given'})")
    return run.stdout
