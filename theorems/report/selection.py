"""The claims that a command is about: by key, by the statement they are parts and readings of, by source."""

from __future__ import annotations

import re
from collections.abc import (
    Collection,
    Iterable,
)
from importlib.util import (
    find_spec,
)
from pathlib import Path

from theorems import catalogue as texts
from theorems.catalogue import stored
from theorems.claim import Claim
from theorems.errors import InputError
from theorems.evidence import proofs
from theorems.judge.witness import shown, unknown
from theorems.loading import load_claims, split_target, why_none

# Parts begin with a letter, so that the number of "theorem-11.9" is not one of them.
_PARTS = re.compile(r"(\.[A-Za-z][^./:]*)+$")


def catalogue() -> dict[str, Claim]:
    """The claims of the texts that are there by key, in the order of the texts."""
    return dict(texts.claims())


def selected(names: Iterable[str]) -> list[str]:
    """The keys that the names stand for: a claim; all parts and readings of a statement; FILE.py or FILE.py::name;

    the key of a text, or package.module, for all its claims.  What is given counts among the texts from then on.
    """
    keys: dict[str, None] = {}
    for name in names:
        if texts.has(name):
            keys[name] = None
            continue
        claims = catalogue()
        if relatives := family(name, claims):
            keys.update(dict.fromkeys(claim.key for claim in relatives))
        else:
            keys.update(dict.fromkeys(_given(name, claims)))
    return list(keys)


def _given(name: str, claims: dict[str, Claim]) -> list[str]:
    """The keys of the claims in a file, module or text.  Raises `InputError` where it is none, or has none."""
    own = split_target(name)
    if own is None and name not in texts.installed() and not _is_module(name):
        if (prefix := name.partition("/")[0]) in texts.installed():
            texts.text(prefix)  # which says why it is not there, where it is not
        raise InputError(unknown(name, {*claims, *map(statement_of, claims)}))
    text = texts.use(own[0] if own is not None else name)
    if own is not None and own[1]:
        return [load_claims(own[0]).claim(own[1]).key]
    if not text.claims:
        why = why_none(load_claims(own[0])) if own is not None else ""
        raise InputError(f"{shown(name)}: no claim is there, and no statement with a strategy in CASES{why}")
    return list(text.by_key)


def _is_module(name: str) -> bool:
    """Whether a name with dots, which is no key, is that of a module."""
    if "." not in name or not all(part.isidentifier() for part in name.split(".")):
        return False
    try:
        return find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def statement_of(key: str) -> str:
    """The key of the inventory's statement: without parts and reading."""
    return _PARTS.sub("", key.partition(":")[0])


def family(key: str, claims: dict[str, Claim]) -> list[Claim]:
    """The claims that are parts or readings of `key`: of a statement, or of a part of one."""
    return [claims[other] for other in relatives(key, claims)]


def relatives(key: str, keys: Iterable[str]) -> list[str]:
    """Those of the keys that are `key`, or parts or readings of it."""
    return [other for other in keys if other == key or other.startswith((f"{key}.", f"{key}:"))]


def among(names: Iterable[str], keys: Collection[str]) -> list[str]:
    """Those of the keys that the names stand for: a claim, or all parts and readings of a statement."""
    found: dict[str, None] = {}
    for name in names:
        related = [name] if name in keys else relatives(name, keys)
        if not related:
            raise InputError(unknown(name, {*keys, *map(statement_of, keys)}))
        found.update(dict.fromkeys(related))
    return list(found)


def source_of(claim: Claim) -> str:
    """The key of the claim's text; of a claim of no text, what its own key begins with."""
    text = texts.text_of(claim.key)
    return text.key if text is not None else claim.key.partition("/")[0]


def origin_of(key: str) -> str | None:
    """The file or module that the claim's text was given as, which a worker has to load again; None for others."""
    text = texts.text_of(key)
    return text.origin if text is not None else None


def verdict_of(claim: Claim) -> str | None:
    """The verdict's word."""
    return claim.verdict.value if claim.verdict is not None else None


def describe(claim: Claim, files: dict[str, Path] | None = None) -> dict[str, object]:
    """A claim as JSON data: what `list --json` prints of it."""
    path = (stored() if files is None else files).get(claim.key)
    return {
        "key": claim.key,
        "source": source_of(claim),
        "label": claim.source.label if claim.source else claim.key,
        "section": claim.source.section if claim.source else "",
        "reading": claim.reading,
        "statement": claim.summary,
        "verdict": verdict_of(claim),
        "kind": claim.kind.value if claim.kind else None,
        "place": claim.place or None,
        "printed": claim.printed or None,
        "hypotheses": list(claim.hypotheses),
        "evidence": claim.reason,
        "witness": path.name if path else None,
        "repaired_by": claim.repaired_by,
        "strength": proofs.strength(claim),
    }
