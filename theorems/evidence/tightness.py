"""How near a claim's inequalities come to equality (`theorems atlas`).

An entry has ``digest``, ``seed``, ``portions`` and ``relations``: for each conclusion its ``conclusion``, ``kind`` ("at
most", "less than", "equal", "exists"), ``instances``, ``largest_ratio`` (of the left side to the right one, or null),
``attained`` (equality where the sides are not zero), ``zero`` (both sides vanish somewhere), ``cells`` (the largest
ratio by dimension D, depth L and rank R) and, where it is small, the extremal instance: ``extremal``, its arrays to six
digits, and ``instance``, the whole of it, which `theorems verify --evidence` measures again.
"""

from __future__ import annotations

from typing import Any

from theorems.claim import Claim
from theorems.evidence import records

NAME = "tightness"


def describe(claim: Claim) -> dict[str, Any] | None:
    """The entry of a claim as JSON data, with ``stale``; None where nothing was measured."""
    found = records.entry(NAME, claim)
    return None if found is None else {**found, "stale": records.is_stale(found, claim)}


def lines(claim: Claim) -> list[str]:
    """The entry of a claim for people; no lines where nothing was measured."""
    found = records.entry(NAME, claim)
    if found is None:
        return []
    old = ["measured on an earlier form of the statement"] if records.is_stale(found, claim) else []
    return [*old, *(f"{relation['conclusion']}: {finding(relation)}" for relation in found["relations"])]


def headline(claim: Claim) -> str:
    """How many of the inequalities are attained, or the largest ratio of the left side to the right one."""
    found = records.entry(NAME, claim) or {"relations": []}
    bounds = [relation for relation in found["relations"] if relation["kind"] != "equal"]
    if not bounds:
        return "equalities only"
    attained = sum(relation["attained"] for relation in bounds)
    if attained:
        return "attained" if attained == len(bounds) else f"{attained} of {len(bounds)} inequalities are attained"
    ratios = [relation["largest_ratio"] for relation in bounds if relation["largest_ratio"] is not None]
    return f"largest ratio {max(ratios):.4g}" if ratios else "no ratio: the sides vanish"


def finding(relation: dict[str, Any]) -> str:
    """What was found of one conclusion, in a few words."""
    ratio, instances = relation["largest_ratio"], f"{relation['instances']:,} instances"
    if relation["kind"] == "equal":
        return f"an equality, in {instances}" if relation["attained"] else f"both sides vanish, in {instances}"
    if relation["attained"]:
        return f"attained, in {instances}"
    if ratio is None:
        return f"attained at zero only, in {instances}" if relation["zero"] else f"no positive sides, in {instances}"
    word = f"largest ratio {ratio:.4g}, in {instances}"
    return f"{word}; both sides vanish somewhere" if relation["zero"] else word


def where(relation: dict[str, Any]) -> str:
    """The cell of the largest ratio."""
    cells = [cell for cell in relation["cells"] if cell["ratio"] == relation["largest_ratio"]]
    return cell_words(cells[0]) if cells else ""


def cell_words(cell: dict[str, Any]) -> str:
    """A cell in words: D=2 L=1 R=1."""
    return " ".join(f"{name}={cell[name]}" for name in ("D", "L", "R") if cell[name] is not None)
