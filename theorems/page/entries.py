"""A statement as its page has it: its parts to read, behind each all that is held of it, and its readings, folded."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import quote

from theorems import evidence
from theorems.claim import Claim, Verdict
from theorems.evidence import necessity, proofs, survival, tightness, variants
from theorems.page import plots
from theorems.page.counterexamples import exhibit_html
from theorems.page.prose import Section, blocks, html_of, paragraph
from theorems.page.slips import slip_html, worst
from theorems.report.exhibits import Exhibit
from theorems.report.parts import EVERY, NAMED, SIGNS, Entry, Part, difference, reading_words, standing
from theorems.report.totals import is_printed

#: The false variants that the page of all claims lists of a sentence of the page; the page of a statement has all.
SLIPS = 1
LONG = 1000  # characters of evidence that is told once
TOP = 5  # the level of the headings inside a part; those inside a reading are one lower


@dataclass(frozen=True)
class Context:
    """What the entries of one page share.

    claims    by key, in the page's order
    exhibits  the stored counterexamples by key, replayed
    survival  for some keys, what a campaign saw of the claim, in lines
    since     for some keys, what an earlier version held, in words; None where none is compared
    address   the page that a claim is on, as the beginning of a link to it
    whole     whether all is printed: of readings as of sentences of the page, down to the last false variant
    tick      called when a claim is set
    told      long evidence that is on the page already, and the claim that it stands under
    """

    claims: Mapping[str, Claim]
    exhibits: Mapping[str, Exhibit] = field(default_factory=dict)
    survival: Mapping[str, Sequence[str]] = field(default_factory=dict)
    since: Mapping[str, str] | None = None
    address: Callable[[str], str] = lambda key: ""
    whole: bool = False
    tick: Callable[[], None] = lambda: None
    told: dict[str, str] = field(default_factory=dict)


def anchor(key: str) -> str:
    """A key as the ``id`` of an element: without blanks, which an id may not have."""
    return re.sub(r"\s+", "-", key)


def href(key: str, context: Context) -> str:
    """The address of a claim, escaped."""
    return f'{context.address(key)}#{quote(anchor(key), safe="/:.-_")}'


def link(key: str, context: Context) -> str:
    """A key, as a link where the page has the claim."""
    words = f"<code>{escape(key)}</code>"
    return f'<a href="{href(key, context)}">{words}</a>' if key in context.claims else words


def badge(word: str) -> str:
    """A standing as a word; its sign is the style's, which screen readers need not read."""
    return f'<b class="{css(word)}">{escape(SIGNS.get(word, ("", word))[1])}</b> '


def css(word: str) -> str:
    """The class of a standing."""
    return f"v-{word}" if word in SIGNS and " " not in word else "v-none"


# statements, parts and readings -------------------------------------------------------------------------------------


def statement_html(entry: Entry, context: Context) -> str:
    """A statement with its parts, each with its readings below."""
    name = entry.key if entry.key not in context.claims else f"statement:{entry.key}"
    where = f' <span class="section">{escape(entry.section)}</span>' if entry.section else ""
    parts = "".join(_part(part, entry, context) for part in entry.parts)
    return (
        f'<section class="statement" id="{escape(anchor(name), quote=True)}">'
        f"<h3>{escape(entry.label)}{where}</h3>{parts}</section>"
    )


def _part(part: Part, entry: Entry, context: Context) -> str:
    lead, *others = part.claims
    head = claim_html(lead, part.name or reading_words(lead), context)
    if not others:
        return head
    signs = " ".join(f"{_sign(claim)}{escape(reading_words(claim))}" for claim in others)
    count = f"{len(others)} reading{'' if len(others) == 1 else 's'}"
    inside = "".join(claim_html(claim, reading_words(claim), context, lead=lead) for claim in others)
    return (
        f'{head}<details class="readings"><summary><span class="count">{count}</span> {signs}</summary>'
        f"{inside}</details>"
    )


def _sign(claim: Claim) -> str:
    word = standing(claim)
    return f'<span class="sign {css(word)}">{SIGNS[word][0]}</span> '


def claim_html(claim: Claim, name: str, context: Context, *, lead: Claim | None = None) -> str:
    """A claim as a disclosure: its verdict and what it says; of a reading, what it drops or adds to `lead`."""
    context.tick()
    word = standing(claim)
    first, *rest = blocks(claim.text) or [claim.key]
    statement = first if isinstance(first, str) else claim.summary
    says = statement if lead is None or claim.statement is not lead.statement else difference(claim)
    if lead is not None and (claim.skip or claim.printed):
        says = difference(claim)
    level = 4 if lead is None else 5
    title = f"<h{level}>{escape(name[:1].upper() + name[1:])}</h{level}> " if name else ""
    changed = (context.since or {}).get(claim.key, "")
    kind = "" if is_printed(claim.key) else " r"
    was = f'<span class="was">{escape(changed)}</span> ' if changed else ""
    return (
        f'<details class="claim {css(word)}{kind}{" c" if changed else ""}"'
        f' id="{escape(anchor(claim.key), quote=True)}">'
        f'<summary>{badge(word)}{was}{title}<span class="says">{html_of(says)}</span></summary>'
        f'<div class="body">{"".join(_inside(claim, context, level + 1, statement, says, rest))}</div></details>'
    )


def _inside(
    claim: Claim, context: Context, level: int, statement: str, says: str, rest: Iterable[Any]
) -> Iterable[str]:
    """The inside of a claim: why, the counterexample, what stands instead, on what it rests, the whole of it."""

    def head(words: str) -> str:
        return f"<h{level}>{words}</h{level}>"

    reason = _linked(claim.reason, context) if claim.reason else "no reason is on record"
    why = f"<p>{html_of(claim.why)}</p>" if claim.why else ""
    yield f'{why}<p class="{"small" if why else "why"}">{reason}</p>'
    if claim.key in context.exhibits:
        yield head("Counterexample") + exhibit_html(
            context.exhibits[claim.key], claim, brief=level > TOP and not context.whole
        )
    elif claim.verdict is Verdict.REFUTED:
        yield head("Counterexample") + f"<p>None is stored: <code>theorems hunt {escape(claim.key)}</code></p>"
    brief = level > TOP and not context.whole
    if claim.repaired_by:
        yield _beside(claim, says, context, head("What stands instead"), brief=brief)
    yield _evidence(claim, context, head("On what it rests"), brief=brief)
    if not brief:
        yield _full(claim, context, statement if says != statement else "", rest)
    command = f"theorems verify {claim.key}" if claim.key in context.exhibits else claim.key
    yield f'<code class="copy">{escape(command)}</code>'


def _beside(claim: Claim, says: str, context: Context, head: str, *, brief: bool) -> str:
    """The refuted claim and its repair, side by side; in `brief` the key of the repair."""
    repair = context.claims.get(claim.repaired_by or "")
    if repair is None or brief:
        return f"{head}<p>{link(claim.repaired_by or '', context)}</p>"
    place = f"{escape(claim.place)}: " if claim.place else ""
    page = f"{place}{html_of(claim.printed)}" if claim.printed else html_of(says)
    return (
        f'{head}<div class="pair"><div>{badge(standing(claim))}<p>{page}</p></div>'
        f"<div>{badge(standing(repair))}<p>{html_of(repair.summary)}</p><p>{link(repair.key, context)}:"
        f" {escape(_rests(repair))}</p></div></div>"
    )


def _rests(claim: Claim) -> str:
    """On what a claim that stands rests, in a line."""
    told = dict(evidence.headlines(claim)).get("on what it rests")
    if standing(claim) in (EVERY, NAMED):
        return told or claim.reason
    return "; ".join([*survival.lines(claim)[:1], told or proofs.why_sampled(claim)])


def _full(claim: Claim, context: Context, statement: str, rest: Iterable[Any]) -> str:
    """The statement in full: its sections, the page's own words, its place in the text and in the code."""
    parts = [paragraph(statement)] if statement else []
    beside = ("Hypotheses", "Margin") if claim.hypotheses and not context.whole else ()
    parts += [_block(block, claim.text, beside) for block in rest]
    if claim.printed and not claim.repaired_by:
        parts.append(f"<p>On the page: {escape(claim.place)}{': ' if claim.place else ''}{html_of(claim.printed)}</p>")
    source = f"{escape(claim.source.label)}, {escape(claim.source.section)}. " if claim.source else ""
    place = f'<p class="small">{source}{_code_place(claim)}</p>'
    if not any(parts):
        return place
    parts.append(place)
    return f'<details><summary>The statement in full</summary>{"".join(parts)}</details>'


def _block(block: Any, around: str, beside: Collection[str]) -> str:
    """A block of a docstring, without the sections that are told elsewhere."""
    if isinstance(block, str):
        return paragraph(block)
    if block and isinstance(block[0], Section):
        told = [part for part in block if part.title not in beside]
        rows = (f"<dt>{escape(part.title)}</dt><dd>{html_of(part.text, around)}</dd>" for part in told)
        return f'<dl class="sections">{"".join(rows)}</dl>' if told else ""
    return f'<pre class="scroll">{escape(chr(10).join(block))}</pre>'


# evidence, in proportion --------------------------------------------------------------------------------------------


def _evidence(claim: Claim, context: Context, head: str, *, brief: bool) -> str:
    """A line for each kind of evidence, what is behind it folded; in `brief` the lines alone."""
    rows = [
        _row(title, line, "" if brief else _once(_details(kind, claim, context), claim, context))
        for (title, line), kind in zip(evidence.headlines(claim), _kinds(claim), strict=True)
    ]
    if claim.key in context.survival:
        first, *others = context.survival[claim.key]
        rows.insert(0, _row("in this campaign", first, _list(others)))
    if not brief and claim.hypotheses and not any(kind is necessity for kind in _kinds(claim)):
        rows.append(_row("hypotheses", str(len(claim.hypotheses)), _list(claim.hypotheses)))
    return f'{head}<div class="evidence">{"".join(rows)}</div>' if rows else ""


def _kinds(claim: Claim) -> list[Any]:
    return [kind for _, kind in evidence.kinds_of(claim) if kind.lines(claim)]


def _once(inside: str, claim: Claim, context: Context) -> str:
    """The inside of a row; where it is long and the page has told it already, where that is."""
    first = context.told.setdefault(inside, claim.key) if len(inside) > LONG else claim.key
    return inside if first == claim.key else f"<p>as under {link(first, context)}</p>"


def _row(title: str, line: str, inside: str) -> str:
    words = f"<em>{escape('proof' if title == 'on what it rests' else title)}</em> {html_of(line)}"  # which is the head
    if not inside:
        return f"<p>{words}</p>"
    return f'<details><summary>{words}</summary>{inside}</details>'


def _list(lines: Iterable[str]) -> str:
    items = "".join(f"<li>{html_of(line)}</li>" for line in lines)
    return f"<ul>{items}</ul>" if items else ""


def _details(kind: Any, claim: Claim, context: Context) -> str:
    match kind:
        case _ if kind is necessity:
            return _hypotheses(claim, context)
        case _ if kind is tightness:
            return _tightness(claim)
        case _ if kind is variants:
            return _slips(claim, context)
        case _ if kind is proofs and not context.whole:
            told = [line for line in kind.lines(claim) if not line.startswith((" ", "replay"))]
            return _list(told) if any(not line.startswith("proved: ") for line in told) else ""  # the line says it
        case _:
            lines = kind.lines(claim)
            return _list(lines if hasattr(kind, "headline") else lines[1:])


def _hypotheses(claim: Claim, context: Context) -> str:
    """Every hypothesis with what is known of the need for it."""
    needs = necessity.describe(claim) or {}
    found = {one.get("hypothesis") or one.get("name"): one for one in needs.get("hypotheses", ())}
    items = "".join(f"<li>{html_of(name)}{_need(found.get(name), context)}</li>" for name in claim.hypotheses)
    return f"{_stale(needs, claim)}<ul>{items}</ul>"


def _need(found: Mapping[str, Any] | None, context: Context) -> str:
    if not found or not found.get("finding"):
        return ""
    word = str(found["finding"]) + (f" ({found['joint']} with those that imply it)" if found.get("joint") else "")
    text = f': <span class="need">{escape(word)}</span>'
    if found.get("why") and context.whole:
        text += f" {_linked(str(found['why']), context)}"
    if found.get("claim") and str(found["claim"]) in context.claims:
        text += f" ({link(str(found['claim']), context)})"
    return text


def _tightness(claim: Claim) -> str:
    found = tightness.describe(claim) or {}
    parts = []
    for relation in found.get("relations", ()):
        plot, words = plots.tightness_html(relation), plots.attained_words(relation)
        if plot:
            name = html_of(str(relation.get("conclusion", "")))
            parts.append(f"<figure><figcaption>{name}: {escape(words)}</figcaption>{plot}</figure>")
    return f"{_stale(found, claim)}{''.join(parts)}" if parts else ""


def _slips(claim: Claim, context: Context) -> str:
    """The false variants that held out longest, or all of them."""
    found = variants.describe(claim) or {"variants": [], "seeds": []}
    every = found["variants"]
    chosen = every if context.whole else worst(every, SLIPS)
    items = "".join(f"<li>{slip_html(one['name'])}{_fate(one, len(found['seeds']))}</li>" for one in chosen)
    left = len(every) - len(chosen)
    more = f'<p class="small">and {left} that fell sooner</p>' if left else ""
    return f"<ul>{items}</ul>{more}"


def _fate(variant: Mapping[str, Any], seeds: int) -> str:
    if variant["killed"] < seeds:
        return f": missed with {seeds - variant['killed']} of {seeds} seeds"
    count = variant["instances"]
    return f": {count:,} instance{'' if count == 1 else 's'}"


def _stale(found: Mapping[str, Any] | None, claim: Claim) -> str:
    if not found or found.get("digest") in (None, claim.digest):
        return ""
    return '<p class="small">measured on an earlier form of the statement</p>'


# words --------------------------------------------------------------------------------------------------------------


def _linked(text: str, context: Context) -> str:
    """A sentence in which the keys of claims are links."""
    parts = re.split(r"([\w-]+/[\w.:-]*\w)", text)
    return "".join(link(part, context) if part in context.claims else _spaced(part) for part in parts)


def _spaced(text: str) -> str:
    """A piece of a sentence, with the blanks at its ends."""
    body = text.strip()
    head, tail = (text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]) if body else (text, "")
    return head + html_of(body) + tail


def _code_place(claim: Claim) -> str:
    """The module, function and line of the statement."""
    function = inspect.unwrap(claim.statement)
    try:
        line = inspect.getsourcelines(function)[1]
    except (OSError, TypeError):
        return ""
    place = f"{function.__module__.replace('.', '/')}.py"
    name = getattr(function, "__qualname__", "")
    return f"<code>{escape(name)}, {escape(place)}:{line}</code>"
