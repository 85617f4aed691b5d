"""The planted variants: a JSON file beside the records of each text, the variants by key.

Every one is false.  Nearly all were drawn by lot from what `slips.proposed` offers, before anybody hunted them, and
those that turned out to be true, or to say the same as before, were left out; what the hunt misses stays in.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from theorems import catalogue
from theorems.claim import Claim
from theorems.errors import InputError
from theorems.evidence import records
from theorems.strategies.variants.variant import Variant

NAME = "planted.json"
#: A claim that stands has at least so many.
LEAST = 3


def table() -> dict[str, tuple[Variant, ...]]:
    """All planted variants by the key of the claim, of the texts that are there."""
    return {key: rows for text in catalogue.texts() for key, rows in _read(records.folder_of(text) / NAME).items()}


@cache
def _read(path: Path) -> dict[str, tuple[Variant, ...]]:
    if not path.exists():
        return {}
    try:
        data = json.loads(path.read_bytes())
        return {key: tuple(Variant(**fields) for fields in rows) for key, rows in data.items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise InputError(f"{path}: no table of variants ({error}): install the package again") from None


def planted(claim: Claim) -> tuple[Variant, ...]:
    """The variants planted for a claim; none for one that does not stand."""
    return table().get(claim.key, ())


def write(rows: Mapping[str, Sequence[Variant]]) -> None:
    """Write the table whole, a file for each text, one variant a line."""
    for text in catalogue.texts():
        blocks = []
        for key in sorted(key for key in rows if catalogue.text_of(key) is text):
            lines = ",\n  ".join(json.dumps(variant.as_json(), ensure_ascii=False) for variant in rows[key])
            blocks.append(f"{json.dumps(key)}: [\n  {lines}\n]")
        path = records.folder_of(text) / NAME
        if blocks or path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("{\n" + ",\n".join(blocks) + "\n}\n", encoding="utf-8")
    _read.cache_clear()
