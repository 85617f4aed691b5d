"""The whole page: head, counts, how to read, the ledger source by source, style and script inside."""

from __future__ import annotations

import base64
import hashlib
import importlib.resources
import itertools
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from html import escape
from pathlib import Path

from theorems.catalogue import stored, texts
from theorems.claim import Claim, Verdict
from theorems.page.entries import MARKS, Context, anchor, badge, entry_html
from theorems.report.selection import source_of, statement_of
from theorems.report.totals import UNJUDGED, totals, word_of

_FALLS = "A stored counterexample meets every hypothesis and violates a conclusion, exactly."
MEANINGS = {
    "corroborated": "It survived every attack: random, adversarial, trained and real matrices and networks.",
    "decided": "A finite exact computation settles it for the stated sizes; the argument stands with the statement.",
    "false": f"What is meant is false. {_FALLS}",
    "gap": f"A hypothesis or a convention is unsaid: a tie, the zero matrix, 'the' for 'a'. {_FALLS}",
    "misprint": f"A symbol or a range that the page has right elsewhere, taken to the letter. {_FALLS}",
    "refuted": _FALLS,
    "empirical": "A claim on trained networks, with the measured table.",
    "informal": "It has no fair formal reading; the reason is given.",
    "undecided": "Neither a construction nor an obstruction settles it; the open case is named.",
    UNJUDGED: "Nobody has judged it yet.",
}


def page(
    claims: Iterable[Claim],
    *,
    survival: Mapping[str, Sequence[str]] | None = None,
    witnesses: Mapping[str, Path] | None = None,
    progress: Callable[[int], None] = lambda done: None,
    unread: Callable[[str], None] = lambda message: None,
) -> str:
    """The report on `claims` as one HTML document that needs no network.

    `survival` has lines on what a campaign saw, by key; `witnesses` the files of the counterexamples (the stored ones).
    `progress` is told how many claims are set, and `unread` what is wrong with each counterexample that cannot be read
    or no longer refutes.
    """
    by_key = {claim.key: claim for claim in claims}
    done = itertools.count(1)
    files = stored() if witnesses is None else witnesses
    context = Context(by_key, files, survival or {}, lambda: progress(next(done)), unread)
    words = [word for word in (*MARKS, UNJUDGED) if any(word_of(c) == word for c in by_key.values())]
    sources = list(dict.fromkeys(source_of(claim) for claim in by_key.values()))
    style, script = _asset("page.css"), _asset("page.js")
    parts = (
        "<!DOCTYPE html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_policy(style, script)}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>The theorem checker: {len(by_key)} claims on low-rank adaptation</title>",
        f"<style>{style}</style></head><body>",
        '<a class="skip" href="#ledger">To the claims</a>',
        _head(by_key, context, words, sources),
        '<main id="main" tabindex="-1">',
        _filters(by_key, words, sources),
        '<div id="ledger">',
        *(_source(source, by_key, context) for source in sources),
        '</div><p id="nothing" hidden>No claim matches. Clear the search or choose another verdict.</p></main>',
        "<footer><p>Made by <code>theorems report --html</code>. It needs no network, and no script to be read.</p>",
        '<p id="said" class="hidden" role="status" aria-live="polite"></p></footer>',
        f"<script>{script}</script></body></html>",
    )
    return "\n".join(parts) + "\n"


def _policy(style: str, script: str) -> str:
    """What a browser may do with the page: apply this style, run this script, and nothing else."""
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (style, script)]
    return (
        f"default-src 'none'; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _asset(name: str) -> str:
    return importlib.resources.files("theorems.page").joinpath(name).read_text(encoding="utf-8")


# head ---------------------------------------------------------------------------------------------------------------


def _head(claims: Mapping[str, Claim], context: Context, words: Sequence[str], sources: Sequence[str]) -> str:
    words_of = {key: word_of(claim) for key, claim in claims.items()}
    refuted = [c for c in claims.values() if c.verdict is Verdict.REFUTED]
    repaired = sum(c.repaired_by is not None for c in refuted)
    witnessed = sum(c.key in context.witnesses for c in refuted)
    found = escape(". ".join(totals(words_of)))
    sentences = (
        f"<p class='lead'>Every labelled statement of two texts on low-rank adaptation (LoRA) became an executable"
        f" predicate, part by part and reading by reading. {found}. {witnessed} of the {len(refuted)} refuted ones have"
        f" an exact counterexample below, and {repaired} name the reading that stands instead.</p>"
    )
    meanings = "".join(f"<dt>{badge(word)}</dt><dd>{escape(MEANINGS[word])}</dd>" for word in words)
    return (
        f"<header><h1>The theorem checker</h1>{sentences}</header>"
        '<section aria-labelledby="found"><h2 id="found">What was found</h2>'
        f"{_counts(claims, words, sources)}</section>"
        f'<section aria-labelledby="how"><h2 id="how">How to read a verdict</h2><dl class="meanings">{meanings}</dl>'
        "<p>A statement has parts, and each part readings: as meant, to the letter of a misprint, repaired, sharpened,"
        " or with a word taken in one"
        " of its fair meanings. Floats only accuse; a refutation is an instance in exact or ball arithmetic, and"
        " <code>theorems verify KEY</code> replays it.</p></section>"
    )


def _counts(claims: Mapping[str, Claim], words: Sequence[str], sources: Sequence[str]) -> str:
    counts = Counter((source_of(claim), word_of(claim)) for claim in claims.values())
    heads = "".join(f'<th scope="col">{escape(_short(source))}</th>' for source in sources)
    rows = []
    for word in words:
        cells = [counts[source, word] for source in sources]
        row = "".join(f"<td>{cell or '–'}</td>" for cell in cells)
        rows.append(f'<tr><th scope="row">{badge(word)}</th>{row}<td>{sum(cells)}</td></tr>')
    sums = [sum(counts[source, word] for word in words) for source in sources]
    foot = "".join(f"<td>{total}</td>" for total in sums)
    return (
        '<div class="scroll"><table class="counts"><caption>Claims by verdict and source</caption>'
        f'<thead><tr><th scope="col">Verdict</th>{heads}<th scope="col">All</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody>"
        f'<tfoot><tr><th scope="row">All</th>{foot}<td>{sum(sums)}</td></tr></tfoot></table></div>'
    )


def _filters(claims: Mapping[str, Claim], words: Sequence[str], sources: Sequence[str]) -> str:
    """The form; the script shows it, since nothing of it works without one."""
    kinds = (("printed", "Of the page"), ("reading", "Other readings"))
    return (
        '<form id="filters" role="search" aria-label="Filter the claims" hidden>'
        '<p class="wide"><label for="find">Search keys and statements</label>'
        '<input id="find" type="search" autocomplete="off" spellcheck="false"></p>'
        + _select("source", "Source", [(source, _short(source)) for source in sources])
        + _select("verdict", "Verdict", [(word, word.capitalize()) for word in words])
        + _select("kind", "Reading", kinds)
        + '<p><button type="reset">Clear</button></p>'
        f'<p class="wide"><output id="count" for="find source verdict kind" aria-live="polite">{len(claims)} of'
        f" {len(claims)} claims</output></p></form>"
    )


def _select(name: str, label: str, options: Iterable[tuple[str, str]]) -> str:
    rows = "".join(f'<option value="{escape(value, quote=True)}">{escape(words)}</option>' for value, words in options)
    return f'<p><label for="{name}">{label}</label><select id="{name}"><option value="">All</option>{rows}</select></p>'


# the ledger ---------------------------------------------------------------------------------------------------------


def _title(source: str) -> str:
    """The title of the text with that key."""
    return next((text.title for text in texts() if text.key == source), source)


def _short(source: str) -> str:
    """What a column for that text is headed with."""
    return next((text.short or text.key for text in texts() if text.key == source), source)


def _source(source: str, claims: Mapping[str, Claim], context: Context) -> str:
    groups: dict[str, list[Claim]] = {}
    for claim in claims.values():
        if source_of(claim) == source:
            groups.setdefault(statement_of(claim.key), []).append(claim)
    count = sum(map(len, groups.values()))
    sections = "".join(_statement(key, members, context) for key, members in groups.items())
    return (
        f'<section class="source" data-source="{escape(source)}" aria-labelledby="source-{escape(source)}">'
        f'<h2 id="source-{escape(source)}">{escape(_title(source))}</h2>'
        f'<p class="of">{count} claims on {len(groups)} statements</p>{sections}</section>'
    )


def _statement(key: str, members: Sequence[Claim], context: Context) -> str:
    name = key if key not in context.claims else f"statement:{key}"
    label, section = _label(key, members)
    where = f' <span class="section">{escape(section)}</span>' if section else ""
    body = "".join(entry_html(claim, context) for claim in members)
    return (
        f'<section class="statement" id="{escape(anchor(name), quote=True)}">'
        f"<h3>{escape(label)}{where}</h3>{body}</section>"
    )


def _common(labels: Collection[str]) -> str:
    """The beginning that all labels share."""
    first, last = min(labels), max(labels)
    return "".join(a for a, _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False)))


def _label(key: str, members: Sequence[Claim]) -> tuple[str, str]:
    """The label and the section of a statement: what those of its claims have in common."""
    labels = {claim.source.label if claim.source else "" for claim in members}
    sections = [claim.source.section for claim in members if claim.source]
    label = labels.pop() if len(labels) == 1 else _common(labels).rpartition(",")[0]
    label = label or key.partition("/")[2].replace("-", " ") or key
    return label[:1].upper() + label[1:], sections[0] if sections else ""
