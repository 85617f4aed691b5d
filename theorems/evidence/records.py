"""The JSON file of one kind of evidence, one for each text: read once, written whole."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from theorems import catalogue
from theorems.claim import Claim
from theorems.errors import InputError
from theorems.text import Text


def folder_of(text: Text) -> Path:
    """Where the records of a text lie."""
    return text.evidence


def entries(name: str) -> dict[str, dict[str, Any]]:
    """The entries of a kind by the key of the claim, of all texts that are there."""
    return {key: entry for text in catalogue.texts() for key, entry in _read(folder_of(text) / f"{name}.json").items()}


def entry(name: str, claim: Claim) -> dict[str, Any] | None:
    """The entry of a claim; None where nothing was measured, and for a claim of no text."""
    text = catalogue.text_of(claim.key)
    return None if text is None else _read(folder_of(text) / f"{name}.json").get(claim.key)


@cache
def _read(path: Path) -> dict[str, dict[str, Any]]:
    if not path.exists():
        return {}
    try:
        data = json.loads(path.read_bytes())
    except ValueError as error:
        raise InputError(f"{path}: not JSON ({error}): write it again with its command") from None
    if not isinstance(data, dict) or not all(isinstance(entry, dict) for entry in data.values()):
        raise InputError(f"{path}: a record is an object of objects by key: write it again with its command")
    return data


def is_stale(found: Mapping[str, Any], claim: Claim) -> bool:
    """Whether the statement has changed since it was measured."""
    return bool(found.get("digest") != claim.digest)


def write(name: str, data: Mapping[str, Mapping[str, Any]]) -> tuple[Path, ...]:
    """Write a record whole, one claim a line, sorted by key, beside each text; an interrupt leaves the old ones."""
    written = []
    for text in catalogue.texts():
        own = {key: data[key] for key in sorted(data) if catalogue.text_of(key) is text}
        path = folder_of(text) / f"{name}.json"
        if own or path.exists():
            rows = ",\n".join(f"{json.dumps(key)}: {json.dumps(own[key], sort_keys=True)}" for key in own)
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_suffix(".json.part")
            draft.write_text("{\n" + rows + "\n}\n", encoding="utf-8")
            os.replace(draft, path)
            written.append(path)
    _read.cache_clear()
    return tuple(written)
