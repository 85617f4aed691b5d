"""Hypothesis's source of choices, made a function of the seed.

This is the one module that knows Hypothesis from inside.  Its sources of choices are registered in its `providers`,
and there too it collects the constants of all modules of the process, to draw from them now and then: what is drawn
would change with every edit of unrelated code, and with whatever else was drawn before.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager

import hypothesis

from theorems.errors import InputError

_PROVIDERS = "hypothesis.internal.conjecture.providers"
#: What gives the constants of this process, and where those that fit a choice are kept.
_COLLECTED, _KEPT = "_get_local_constants", "CONSTANTS_CACHE"
#: A backend that draws at random alone: under its own name Hypothesis also varies what it has drawn before.
BACKEND = "theorems"


def register() -> str:
    """Make `BACKEND` known to Hypothesis; its name.  Raises `InputError` where Hypothesis keeps its parts elsewhere."""
    try:
        providers = importlib.import_module(_PROVIDERS)
    except ImportError:
        raise moved(_PROVIDERS) from None
    for name in ("AVAILABLE_PROVIDERS", "HypothesisProvider", _COLLECTED, _KEPT):
        if not hasattr(providers, name):
            raise moved(f"{_PROVIDERS}.{name}")
    providers.AVAILABLE_PROVIDERS.setdefault(BACKEND, f"{_PROVIDERS}.HypothesisProvider")
    return BACKEND


def moved(name: str) -> InputError:
    """The one line for a version of Hypothesis in which a part of it has moved."""
    return InputError(
        f"Hypothesis {hypothesis.__version__} has no {name}, without which what is drawn is no function of the seed: "
        "install another version, as pyproject.toml bounds it"
    )


@contextmanager
def without_collected_constants() -> Iterator[None]:
    """Hypothesis, for so long, draws no constant of the modules of this process."""
    register()
    providers = importlib.import_module(_PROVIDERS)
    before = {name: getattr(providers, name) for name in (_COLLECTED, _KEPT)}
    nothing = type(providers.GLOBAL_CONSTANTS)()
    setattr(providers, _COLLECTED, lambda: nothing)
    setattr(providers, _KEPT, {})
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(providers, name, value)
