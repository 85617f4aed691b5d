"""The table of the planted variants: beside this module, a JSON file for each source, the variants by key.

Every one is false.  Nearly all were drawn by lot from what `slips.proposed` offers, before anybody hunted them, and
those that turned out to be true, or to say the same as before, were left out; what the hunt misses stays in.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from theorems.claim import Claim
from theorems.errors import InputError
from theorems.strategies.variants.variant import Variant

FOLDER = Path(__file__).parent / "planted"
#: A claim that stands has at least so many.
LEAST = 3


@cache
def table() -> dict[str, tuple[Variant, ...]]:
    """All planted variants by the key of the claim."""
    result: dict[str, tuple[Variant, ...]] = {}
    for path in sorted(FOLDER.glob("*.json")):
        try:
            data = json.loads(path.read_bytes())
            result |= {key: tuple(Variant(**fields) for fields in rows) for key, rows in data.items()}
        except (ValueError, TypeError, AttributeError) as error:
            raise InputError(f"{path}: no table of variants ({error}): install the package again") from None
    return result


def planted(claim: Claim) -> tuple[Variant, ...]:
    """The variants planted for a claim; none for one that does not stand."""
    return table().get(claim.key, ())


def write(rows: Mapping[str, Sequence[Variant]], folder: Path | None = None) -> None:
    """Write the table whole, a file for each source, one variant a line."""
    folder = FOLDER if folder is None else folder
    folder.mkdir(exist_ok=True)
    for source in sorted({key.partition("/")[0] for key in rows}):
        blocks = []
        for key in sorted(key for key in rows if key.startswith(f"{source}/")):
            lines = ",\n  ".join(json.dumps(variant.as_json(), ensure_ascii=False) for variant in rows[key])
            blocks.append(f"{json.dumps(key)}: [\n  {lines}\n]")
        (folder / f"{source}.json").write_text("{\n" + ",\n".join(blocks) + "\n}\n", encoding="utf-8")
    table.cache_clear()
