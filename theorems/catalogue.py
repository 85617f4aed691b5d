"""The texts that are there, and their claims.

A text is found by the entry point group ``theorems.texts`` (the name of the entry point is its key), or given as a file
or module with `use`.  It is loaded when it is asked for.  One that cannot be loaded costs one line; the others go on.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

from theorems.claim import Claim
from theorems.errors import InputError
from theorems.text import Text

if TYPE_CHECKING:
    CLAIMS: tuple[Claim, ...]

GROUP = "theorems.texts"

#: What `use` was given, in this process: texts by what they were given as.
_given: dict[str, Text] = {}
#: The names that commands are about; all texts where there are none.
_chosen: list[str] = []


# finding and loading ------------------------------------------------------------------------------------------------


@cache
def installed() -> dict[str, EntryPoint]:
    """The entry points of the installed texts, by key; of a key that two distributions claim, the first is kept."""
    found: dict[str, EntryPoint] = {}
    for point in entry_points(group=GROUP):
        found.setdefault(point.name, point)
    return found


def _require_one(key: str) -> None:
    """Raises `InputError` where two distributions claim one key: neither is the text of that name."""
    first = installed()[key]
    for point in entry_points(group=GROUP):
        if point.name == key and (point.value, _owner(point)) != (first.value, _owner(first)):
            both = f"of {_owner(first)} and of {_owner(point)}"
            raise InputError(f"two texts have the key {key!r}, {both}: uninstall one")


def _owner(point: EntryPoint) -> str:
    return f"the distribution {point.dist.name}" if point.dist is not None else point.value


@cache
def text(key: str) -> Text:
    """The installed text with that key.  Raises `InputError`, one line that names the distribution."""
    point = installed().get(key)
    if point is None:
        raise InputError(f"no text is called {key!r}: {_near(key, installed()) or 'none is installed'}")
    _require_one(key)
    try:
        found = point.load()
    except InputError as error:
        raise InputError(f"the text {key!r} of {_owner(point)} cannot be loaded: {error}") from None
    except Exception as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise InputError(
            f"the text {key!r} of {_owner(point)} cannot be loaded ({reason}): repair it, uninstall it, or install the "
            "version of theorem-checker that it is made for"
        ) from None
    if not isinstance(found, Text):
        raise InputError(f"the text {key!r} of {_owner(point)} is a {type(found).__name__}, no Text: correct it")
    if found.key != key:
        raise InputError(f"the text {key!r} of {_owner(point)} calls itself {found.key!r}: use one name")
    return found


def use(name: str, *, only: bool = False) -> Text:
    """The text of that name: the key of an installed one, FILE.py, or package.module.

    A given file or module counts among the texts from then on; with `only`, commands are about the chosen texts alone.
    """
    if name in installed():
        found = text(name)
    else:
        found = _given.get(name) or _load(name)
        _given[name] = found
    if only and name not in _chosen:
        _chosen.append(name)
    return found


def add(found: Text) -> None:
    """Let a text that was loaded already count among the texts."""
    if found.origin is not None and _given.get(found.origin) is not found:
        _given[found.origin] = found


def given() -> tuple[str, ...]:
    """What the texts that are not installed were given as, FILE.py or package.module: for other processes."""
    return tuple(_given)


def forget() -> None:
    """Let no text count but the installed ones."""
    _given.clear()
    _chosen.clear()


def _load(name: str) -> Text:
    from theorems.loading import load_text

    return load_text(name, _near(name, installed()))


def texts() -> tuple[Text, ...]:
    """The texts that commands are about, in their order; one line on stderr for each that cannot be loaded."""
    if _chosen:
        return tuple(_given.get(name) or text(name) for name in _chosen)
    found = []
    for key in installed():
        try:
            found.append(text(key))
        except InputError as error:
            _complain(str(error))
    return (*sorted(found, key=lambda t: (t.rank, t.key)), *_given.values())


@cache
def _complain(message: str) -> None:
    print("theorems:", message, file=sys.stderr)


# claims -------------------------------------------------------------------------------------------------------------


def claims() -> dict[str, Claim]:
    """The claims of these texts by key, in the order of the texts."""
    return {key: claim for found in texts() for key, claim in found.by_key.items()}


def text_of(key: str) -> Text | None:
    """The text that a claim belongs to; None for a claim of no text."""
    prefix = key.partition("/")[0]
    for found in _given.values():
        if key in found.by_key:
            return found
    if prefix not in installed():
        return None
    try:
        return text(prefix)
    except InputError:
        return None


def has(key: str) -> bool:
    """Whether commands are about a claim with that key; no text but its own is loaded for the answer."""
    found = text_of(key)
    return found is not None and key in found.by_key and (not _chosen or any(found is other for other in texts()))


def claim(key: str) -> Claim:
    """The claim with that key.  Raises `InputError` for an unknown one, with the nearest keys."""
    found = text_of(key)
    if found is not None and key in found.by_key:
        return found.by_key[key]
    if found is None and (prefix := key.partition("/")[0]) in installed():
        text(prefix)  # which says why it is not there
    raise InputError(f"there is no claim {key!r}: {_near(key, claims()) or 'see `theorems list`'}")


def cases(found: Text) -> Mapping[str, Any]:
    """The strategies of a text by the keys of its claims."""
    if not isinstance(found.cases, str):
        return found.cases
    module, _, name = found.cases.partition(":")
    try:
        table = getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise InputError(
            f"{_named(found)} names the cases {found.cases}, which are not there ({error}): correct it"
        ) from None
    except Exception as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise InputError(
            f"the cases {found.cases} of {_named(found)} cannot be loaded ({reason}): repair them"
        ) from None
    if not isinstance(table, Mapping):
        raise InputError(f"{found.cases} of {_named(found)} is a {type(table).__name__}: make it a mapping")
    return table


def strategy(key: str) -> Any:
    """The strategy that attacks a claim.  Raises `InputError` where its text has none."""
    found = text_of(key)
    if found is None:
        raise InputError(f"there is no claim {key!r}: {_near(key, claims()) or 'see `theorems list`'}")
    table = cases(found)
    if key not in table:
        place = found.cases if isinstance(found.cases, str) else "its CASES"
        raise InputError(f"{_named(found)} has no case for {key}: add one to {place}")
    return table[key]


def _named(found: Text) -> str:
    """A text with the distribution that brings it."""
    point = installed().get(found.key) if found.origin is None else None
    return f"the text {found.key!r}" + (f" of {_owner(point)}" if isinstance(point, EntryPoint) else "")


def stored() -> dict[str, Path]:
    """The stored witnesses of these texts, by the key that their file names say."""
    return {
        path.stem.replace("__", "/", 1).replace("--", ":", 1): path
        for found in texts()
        for path in sorted(found.witnesses.glob("*.json"))
    }


def _near(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), 3, 0.5)
    return f"did you mean {' or '.join(near)}?" if near else ""


def __getattr__(name: str) -> Any:
    if name == "CLAIMS":
        return tuple(claims().values())
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
