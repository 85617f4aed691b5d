"""What a reader sees first: what stands and falls in three numbers each, the findings of the texts, and the map."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape

from theorems.catalogue import texts
from theorems.claim import Claim, Verdict
from theorems.judge.reads import legible, reads
from theorems.page.cases import case_html
from theorems.page.counterexamples import sides_html
from theorems.page.entries import Context, badge, css, href
from theorems.page.prose import html_of
from theorems.report.exhibits import Exhibit
from theorems.report.parts import EVERY, NAMED, SAMPLED, SIGNS, Entry, Part, reading_words, standing
from theorems.report.totals import is_printed, number
from theorems.text import Text

#: How many findings a page opens with, and how many fields of a case are set with each.
FINDINGS, FIELDS = 5, 3
STANDS, FALLS = (EVERY, NAMED, SAMPLED), ("false", "gap", "misprint")
_PLURAL = {"gap": "gaps", "misprint": "misprints"}


def shown_texts(sources: Iterable[str]) -> list[Text]:
    """The texts with these keys."""
    wanted = set(sources)
    return [text for text in texts() if text.key in wanted]


def numbers_html(claims: Iterable[Claim]) -> str:
    """What stands of the sentences of the page, by strength, what falls, by kind, and what is neither."""
    every = list(claims)
    printed = [claim for claim in every if is_printed(claim.key)]
    counts = Counter(standing(claim) for claim in printed)
    falls = FALLS if not counts["refuted"] else (*FALLS, "refuted")
    stand, fall = (
        f'<section aria-labelledby="{group}"><h2 id="{group}">{sum(counts[word] for word in words)} {head}</h2>'
        f'<ul>{"".join(_number(counts[word], word) for word in words)}</ul></section>'
        for group, head, words in (("stands", "stand", STANDS), ("falls", "fall", falls))
    )
    others = [word for word in SIGNS if word not in (*STANDS, *FALLS, "refuted") and counts[word]]
    rest = ", ".join(
        f'<a href="#ledger" data-ask="{css(word)[2:]}">{counts[word]} {escape(SIGNS[word][1])}</a>' for word in others
    )
    readings = len(every) - len(printed)
    sentences = number(len(printed), "sentence")
    return (
        f'<div class="numbers">{stand}{fall}<p class="small">Of {sentences} of the page, as it means'
        f" them or to the letter of a misprint{f'; {rest}' if rest else ''}. {number(readings, 'other reading')} under"
        " the parts: repaired, sharpened, or a word taken in one of its fair meanings.</p></div>"
    )


def _number(count: int, word: str) -> str:
    sign, words = SIGNS[word]
    words = _PLURAL.get(word, words) if count != 1 else words
    return (
        f'<li><a class="{css(word)}" href="#ledger" data-ask="{css(word)[2:]}"><strong>{count}</strong> '
        f'<span aria-hidden="true">{sign}</span> {escape(words)}</a></li>'
    )


# findings -----------------------------------------------------------------------------------------------------------


def findings_html(sources: Sequence[str], context: Context) -> str:
    """The findings that the texts chose, in turn from each; where none chose any, a line that says so."""
    chosen = [[key for key in text.highlights if key in context.claims] for text in shown_texts(sources)]
    turns = [key for row in itertools.zip_longest(*chosen) for key in row if key is not None][:FINDINGS]
    keys = [key for row in chosen for key in row if key in turns]
    head = '<h2 id="findings">Findings</h2>'
    if not keys:
        return (
            f'<section aria-labelledby="findings">{head}<p class="small">This text names none: '
            '<code>Text(highlights=("key", ...))</code> chooses them.</p></section>'
        )
    cards = "".join(_card(context.claims[key], context) for key in keys)
    return f'<section aria-labelledby="findings">{head}<div class="cards">{cards}</div></section>'


def _card(claim: Claim, context: Context) -> str:
    label = claim.source.label if claim.source else claim.key
    part = claim.key.partition(":")[0].rpartition("/")[2].partition(".")[2].lstrip("0123456789.")
    name = f"{label}, {part.replace('-', ' ')}" if part and part.replace("-", " ") not in label else label
    told = claim.why if claim.verdict is Verdict.REFUTED and claim.why else claim.summary
    head = f'<a href="{href(claim.key, context)}">{escape(name[:1].upper() + name[1:])}</a> {badge(standing(claim))}'
    return (
        f'<article class="{css(standing(claim))}"><h3>{head}</h3><p>{html_of(told)}</p>'
        f"{_shown(claim, context)}{_instead(claim, context)}</article>"
    )


def _shown(claim: Claim, context: Context) -> str:
    shown: Exhibit | None = context.exhibits.get(claim.key)
    if shown is None or shown.witness is None or shown.num is None:
        if claim.verdict is not Verdict.REFUTED:
            return ""
        return f'<p class="small">No counterexample is stored: <code>theorems hunt {escape(claim.key)}</code></p>'
    read = reads(claim, shown.witness.case, shown.num)
    return f"{sides_html(shown)}{case_html(legible(claim, shown.witness.case), read, most=FIELDS)}"


def _instead(claim: Claim, context: Context) -> str:
    repair = context.claims.get(claim.repaired_by or "")
    if repair is None:
        return ""
    words = reading_words(repair)
    says = repair.summary.partition(f"{words}: ")[2] or repair.summary
    return (
        f'<p class="instead">{badge(standing(repair))}<a href="{href(repair.key, context)}">{escape(words)}</a>:'
        f" {html_of(says)}</p>"
    )


# the map ------------------------------------------------------------------------------------------------------------


def map_html(entries: Sequence[Entry], context: Context) -> str:
    """A row a statement, a cell a part: sign and colour say its verdict; underlined where a repair stands."""
    words = {standing(claim) for entry in entries for part in entry.parts for claim in part.claims}
    legend = " ".join(
        f'<span class="{css(word)}"><strong aria-hidden="true">{sign}</strong> {escape(text)}</span>'
        for word, (sign, text) in SIGNS.items()
        if word in words
    )
    sources = list(dict.fromkeys(entry.source for entry in entries))
    names = {text.key: text.short or text.key for text in texts()}
    blocks = "".join(
        (f"<h3>{escape(names.get(source, source))}</h3>" if len(sources) > 1 else "")
        + f"<ul>{''.join(_row(entry, context) for entry in entries if entry.source == source)}</ul>"
        for source in sources
    )
    return (
        '<nav aria-labelledby="map"><h2 id="map">Map</h2>'
        f'<p class="legend">{legend} <span><span class="r">underlined</span> a repair stands beside it</span></p>'
        f'<div class="map">{blocks}</div></nav>'
    )


def _row(entry: Entry, context: Context) -> str:
    cells = "".join(_cell(part, entry, context) for part in entry.parts)
    return f'<li><span title="{escape(entry.label, quote=True)}">{escape(entry.label)}</span>{cells}</li>'


def _cell(part: Part, entry: Entry, context: Context) -> str:
    lead = part.claims[0]
    words = [standing(claim) for claim in (part.printed or part.claims[:1])]
    kinds = list(dict.fromkeys(words))
    signs = "".join(SIGNS[word][0] for word in kinds)
    said = ", ".join(SIGNS[word][1] for word in kinds)
    repaired = lead.repaired_by is not None
    label = f"{entry.label}{f', {part.name}' if part.name else ''}: {said}{', repaired' if repaired else ''}"
    changed = " c" if any(claim.key in (context.since or {}) for claim in part.claims) else ""
    return (
        f'<a class="{css(kinds[0])}{" r" if repaired else ""}{changed}" href="{href(lead.key, context)}" data-v="'
        f'{" ".join(css(kind)[2:] for kind in kinds)}" aria-label="{escape(label, quote=True)}">{signs}</a>'
    )
