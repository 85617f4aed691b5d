"""Ranks beyond what a target asks for: left out, or spent on weak layers first."""

from __future__ import annotations

from collections.abc import Sequence


def trimmed(ranks: Sequence[int], total: int) -> tuple[int, ...]:
    """Ranks R'_l <= R_l with the given sum, the largest lowered first."""
    left = list(ranks)
    for _ in range(sum(left) - total):
        left[max(range(len(left)), key=lambda l: left[l])] -= 1
    return tuple(left)


def slack_spent(ranks: Sequence[int], rank: int, D: int) -> tuple[int, ...]:
    """How many singular values of each W_l to raise first, where the ranks exceed what the target asks for.

    Raising s of them leaves a change of rank at most min(D, rank + s) to ranks of sum R_l - s, so that s may be
    sum R_l - D, or half of sum R_l - rank.  They are spread over the layers, at most half of the singular values of
    each.
    """
    total = max(sum(ranks) - D, (sum(ranks) - rank) // 2, 0)
    spent = [0] * len(ranks)
    for _ in range(total):
        open_layers = [l for l, R in enumerate(ranks) if spent[l] < min(R, D // 2)]
        if not open_layers:
            break
        spent[min(open_layers, key=lambda l: spent[l])] += 1
    return tuple(spent)
