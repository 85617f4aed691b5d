"""A counterexample as mathematics: the two sides and how far apart they are, then the case."""

from __future__ import annotations

import re
from fractions import Fraction
from html import escape

from theorems.arithmetic.base import Arithmetic
from theorems.claim import Claim
from theorems.errors import Undefined, Unsupported
from theorems.judge.reads import legible, reads
from theorems.page.cases import case_html
from theorems.page.networks import levels_html, network_html
from theorems.page.prose import html_of
from theorems.report.exhibits import Exhibit
from theorems.report.rendering import sides
from theorems.statement import Existence, Truth

#: Fields of a case that stay open; of more the whole is folded.
OPEN = 5
_RELATIONS = {"at most": "≤", "less than": "<", "equal": "=", "": "and"}


def exhibit_html(shown: Exhibit, claim: Claim, *, brief: bool = False) -> str:
    """The violated conclusion with both sides, then the case, without what the statement never reads.

    In `brief` a case of many fields is left to its file.
    """
    if shown.witness is None or shown.replayed is None or shown.num is None:
        return f"<p><code>{escape(shown.path.name)}</code>: {escape(shown.problem)}</p>"
    parts = [sides_html(shown)]
    read = reads(claim, shown.witness.case, shown.num)
    if not brief:
        parts.append(network_html(shown.witness.case, read))
    case = case_html(legible(claim, shown.witness.case), read)
    count = case.count("<dt>")
    if count > OPEN:
        case = "" if brief else f'<details><summary>The case, {count} fields</summary>{case}</details>'
    parts.append(case)
    if shown.replayed.message:
        parts.append(f"<p>{escape(shown.replayed.result)}: {escape(shown.replayed.message)}</p>")
    note = f" {html_of(shown.witness.note)}" if shown.witness.note else ""
    parts.append(f'<p class="small">In {shown.witness.arithmetic} arithmetic ({escape(shown.num.word)}).{note}</p>')
    return "".join(parts)


def sides_html(shown: Exhibit) -> str:
    """What is violated: its words, both sides, the difference, and for an obstruction the best value found."""
    replayed, num = shown.replayed, shown.num
    violation = replayed.report.violation if replayed is not None and replayed.report is not None else None
    if violation is None or replayed is None or num is None:
        return ""
    name = html_of(violation.conclusion)
    if violation.left is None or isinstance(replayed.condition, Truth):
        return f"<p>Violated: {name} (the test answers no)</p>"
    found = sides(violation, num, replayed.condition)
    is_floor = isinstance(replayed.condition, Existence)
    attained = _attained(replayed.condition, num) if is_floor else ""
    rows = [
        ("entry", found.where and escape(found.where)),
        ("floor for every choice" if is_floor else "left side", number(found.left)),
        ("best value found", number(attained)),
        ("bound" if is_floor else "right side", number(found.right)),
        ("apart by", number(re.sub(r"^, by |^: ", "", found.gap))),
    ]
    items = "".join(f"<div><dt>{title}</dt><dd>{value}</dd></div>" for title, value in rows if value)
    relation = _RELATIONS[found.kind]
    said = f' <span class="small">(asked: left {escape(relation)} right)</span>' if found.kind and not is_floor else ""
    levels = [size(text) for text in (found.right, found.left, attained)]
    drawn = levels_html(*(level for level in levels if level is not None)) if is_floor and None not in levels else ""
    return f'<p>Violated: {name}{said}</p><dl class="sides">{items}</dl>{drawn}'


def _attained(condition: object, num: Arithmetic) -> str:
    if not isinstance(condition, Existence):
        return ""
    try:
        return num.show(condition.attained())
    except (Undefined, Unsupported, ArithmeticError, ValueError, TypeError):
        return ""


def size(text: str) -> float | None:
    """A printed number as a float: a fraction, the value of a root, the middle of a ball; None for anything else."""
    found = re.search(r"(?:^|= |~|\[)(-?\d+/\d+|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)(?:$| \+/-)", text)
    try:
        return float(Fraction(found[1])) if found is not None else None
    except (OverflowError, ZeroDivisionError):
        return None


def number(text: str) -> str:
    """A printed number: a fraction with its decimals beside it, a root as a root."""
    if not text:
        return ""
    decimals = ""
    if re.fullmatch(r"-?\d+/\d+", text) and len(text) <= 40:
        decimals = f' <span class="small">≈ {float(Fraction(text)):.6g}</span>'
    elif len(text) > 40 and re.fullmatch(r"-?\d+/\d+", text):
        text = f"≈ {float(Fraction(text)):.10g}"
    words = re.sub(r"sqrt\((-?[\d/]+)\)", r"√(\1)", text)
    return f"{escape(words.replace('-', '−'))}{decimals}"
