"""The JSON file of one kind of evidence: read once, written whole."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from theorems.claim import Claim
from theorems.errors import InputError

FOLDER = Path(__file__).parent


@cache
def entries(name: str) -> dict[str, dict[str, Any]]:
    """The entries of a kind by the key of the claim; empty where nothing was measured yet."""
    path = FOLDER / f"{name}.json"
    if not path.exists():
        return {}
    try:
        data = json.loads(path.read_bytes())
    except ValueError as error:
        raise InputError(f"{path}: not JSON ({error}): write it again with its command") from None
    if not isinstance(data, dict) or not all(isinstance(entry, dict) for entry in data.values()):
        raise InputError(f"{path}: a record is an object of objects by key: write it again with its command")
    return data


def entry(name: str, claim: Claim) -> dict[str, Any] | None:
    """The entry of a claim."""
    return entries(name).get(claim.key)


def is_stale(found: Mapping[str, Any], claim: Claim) -> bool:
    """Whether the statement has changed since it was measured."""
    return bool(found.get("digest") != claim.digest)


def write(name: str, data: Mapping[str, Mapping[str, Any]], folder: Path = FOLDER) -> Path:
    """Write a record whole, one claim a line, sorted by key; an interrupt leaves the old one."""
    path = folder / f"{name}.json"
    rows = ",\n".join(f"{json.dumps(key)}: {json.dumps(data[key], sort_keys=True)}" for key in sorted(data))
    draft = path.with_suffix(".json.part")
    draft.write_text("{\n" + rows + "\n}\n", encoding="utf-8")
    os.replace(draft, path)
    entries.cache_clear()
    return path
