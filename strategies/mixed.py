"""Mixtures: a usual strategy, and now and then an unusual one."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from theorems.strategies.without import without


def mostly(
    usual: st.SearchStrategy[Any], *unusual: st.SearchStrategy[Any], share: int = 4
) -> st.SearchStrategy[Any]:
    """What `usual` draws, and one time in `share` what one of the `unusual` strategies does, each as often.

    (`one_of` counts branches, those of its branches included, so that what is nested there counts for more.)

    Shrinks to what `usual` shrinks to.
    """
    if not unusual or share < 2:
        raise InvalidArgument(
            f"{len(unusual)} unusual strategies and share={share!r}: give at least one, and a share of 2 or more"
        )
    return _mostly(usual, unusual, share)


def beside(usual: st.SearchStrategy[Any], *unusual: st.SearchStrategy[Any], share: int = 4) -> st.SearchStrategy[Any]:
    """`mostly`, with changed cases of `usual` (see `without`) among the unusual ones.

    They lie beside the hypotheses: where one of them is a little weaker than it should be, some get in.
    """
    return mostly(usual, without(usual), *unusual, share=share)


@st.composite
def _mostly(
    draw: st.DrawFn, usual: st.SearchStrategy[Any], unusual: tuple[st.SearchStrategy[Any], ...], share: int
) -> Any:
    place = draw(st.integers(0, share * len(unusual) - 1)) - (share - 1) * len(unusual)
    return draw(usual if place < 0 else unusual[place])
