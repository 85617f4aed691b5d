"""The whole page: what is seen first, how to read, the statements source by source; style and script inside."""

from __future__ import annotations

import base64
import hashlib
import importlib.resources
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from pathlib import Path

from theorems.catalogue import stored
from theorems.claim import Claim
from theorems.page.entries import Context, badge, css, statement_html
from theorems.page.lean import lean
from theorems.page.opening import findings_html, map_html, numbers_html, shown_texts
from theorems.report.exhibits import exhibits
from theorems.report.parts import EVERY, NAMED, SAMPLED, SIGNS, Entry, entries, standing
from theorems.report.since import Changes
from theorems.report.totals import UNJUDGED, number

_FALLS = "A stored counterexample meets every hypothesis and violates a conclusion, exactly."
MEANINGS = {
    EVERY: "Proved for every size, by an argument that a program replays.",
    NAMED: "Proved, certified or computed at the sizes that are named, and attacked at others.",
    SAMPLED: "It survived every attack: random, adversarial, trained and real matrices. No proof is on record.",
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
    since: Changes | None = None,
    progress: Callable[[int], None] = lambda done: None,
    unread: Callable[[str], None] = lambda message: None,
) -> str:
    """The report on `claims` as one HTML document that needs no network.

    `survival` has lines on what a campaign saw, by key; `witnesses` the files of the counterexamples (the stored ones);
    `since` what changed from an earlier version.  `progress` is told how many claims are set, and `unread` what is
    wrong with each counterexample that cannot be read or no longer refutes.
    """
    context = _context(claims, survival, witnesses, since, progress, unread)
    found = entries(context.claims.values())
    sources = list(dict.fromkeys(entry.source for entry in found))
    ledger = "".join(_source(source, found, context) for source in sources)
    return _document(
        _title(sources),
        '<a class="skip" href="#ledger">To the claims</a>'
        + _head(sources, found, context, since)
        + f'<main id="main" tabindex="-1">{_filters(context, sources)}<div id="ledger">{ledger}</div>'
        '<p id="nothing" hidden>No claim matches. Clear the search or choose another verdict.</p></main>',
    )


def pages(
    claims: Iterable[Claim],
    *,
    survival: Mapping[str, Sequence[str]] | None = None,
    witnesses: Mapping[str, Path] | None = None,
    since: Changes | None = None,
    progress: Callable[[int], None] = lambda done: None,
    unread: Callable[[str], None] = lambda message: None,
) -> dict[str, str]:
    """The report as a site: ``index.html`` with the findings and the map, and a page a statement, with all of it.

    The arguments are those of `page`; what is returned has the text of each file by its name.
    """
    by_key = {claim.key: claim for claim in claims}
    found = entries(by_key.values())
    place = {claim.key: file_of(entry) for entry in found for part in entry.parts for claim in part.claims}
    context = _context(
        by_key.values(), survival, witnesses, since, progress, unread, address=place.__getitem__, whole=True
    )
    sources = list(dict.fromkeys(entry.source for entry in found))
    made = {"index.html": _document(_title(sources), f"{_head(sources, found, context, since)}<main></main>")}
    for before, entry, behind in zip([None, *found], found, [*found[1:], None], strict=False):
        beside = "".join(
            f' <a rel="{rel}" href="{escape(file_of(other), quote=True)}">{escape(other.label)}</a>'
            for rel, other in (("prev", before), ("next", behind))
            if other is not None
        )
        top = f'<header><p><a href="index.html">{escape(_title(sources))}</a>{beside}</p><h1>{escape(entry.label)}</h1>'
        names = "".join(f"<h2>{escape(text.title)}</h2>" for text in shown_texts([entry.source]))
        body = f'{top}</header><main id="main" tabindex="-1">{names}{statement_html(entry, context)}</main>'
        made[file_of(entry)] = _document(f"{entry.label}: {_title(sources)}", body)
    return made


def file_of(entry: Entry) -> str:
    """The name of the file of a statement's page."""
    kept = "".join(letter if letter.isalnum() or letter in ".-" else "_" for letter in entry.key)
    return f"{kept}.html"


def _context(
    claims: Iterable[Claim],
    survival: Mapping[str, Sequence[str]] | None,
    witnesses: Mapping[str, Path] | None,
    since: Changes | None,
    progress: Callable[[int], None],
    unread: Callable[[str], None],
    *,
    address: Callable[[str], str] = lambda key: "",
    whole: bool = False,
) -> Context:
    by_key = {claim.key: claim for claim in claims}
    done = itertools.count(1)
    shown = exhibits(by_key, stored() if witnesses is None else witnesses, unread)
    words = None if since is None else since.words
    return Context(by_key, shown, survival or {}, words, address, whole, lambda: progress(next(done)))


def _document(title: str, body: str) -> str:
    style, script = _asset("page.css"), _asset("page.js")
    body = lean(body)
    parts = (
        "<!DOCTYPE html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_policy(style, script)}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>{escape(title)}</title>",
        f"<style>{style}</style></head><body>",
        body,
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


def _title(sources: Sequence[str]) -> str:
    """The title of the one text, or of several together."""
    titles = [text.title for text in shown_texts(sources)]
    return titles[0] if len(titles) == len(sources) == 1 else "The theorem checker"


def _head(sources: Sequence[str], found: Sequence[Entry], context: Context, since: Changes | None) -> str:
    texts = shown_texts(sources)
    titles = "; ".join(text.title for text in texts) if len(texts) > 1 else ""
    cited = " ".join(text.citation for text in texts if text.citation) if len(texts) == 1 else titles
    lead = f"<p class='lead'>{escape(cited)}{'. ' if cited else ''}" + (
        f"{number(len(found), 'statement')}, {number(len(context.claims), 'claim')}: each an executable"
        " predicate, attacked; every refutation is an exact instance.</p>"
    )
    return (
        f"<header><h1>{escape(_title(sources))}</h1>{lead}{numbers_html(context.claims.values())}</header>"
        f"{_changes(since)}{findings_html(sources, context)}{map_html(found, context)}{_meanings(context)}"
    )


def _meanings(context: Context) -> str:
    words = {standing(claim) for claim in context.claims.values()}
    rows = "".join(f"<dt>{badge(word)}</dt><dd>{escape(MEANINGS[word])}</dd>" for word in SIGNS if word in words)
    return (
        '<details id="how"><summary>How to read a verdict</summary>'
        f'<dl class="meanings">{rows}</dl><p>Floats only accuse; a refutation is an instance in exact or ball'
        " arithmetic, and <code>theorems verify KEY</code> replays it. <code>theorems show KEY --all</code> prints all"
        " that is on record, <code>theorems hunt KEY</code> attacks again.</p></details>"
    )


def _changes(since: Changes | None) -> str:
    """What changed since an earlier version: how many claims, and those that are gone."""
    if since is None:
        return ""
    gone = "".join(f"<li><code>{escape(key)}</code></li>" for key in since.gone)
    left = f"<details><summary>{len(since.gone)} claims are gone</summary><ul>{gone}</ul></details>" if gone else ""
    return (
        f'<section aria-labelledby="since"><h2 id="since">Since {escape(since.name)}</h2><p><a href="#ledger" '
        f'data-ask="changed">{len(since.words)} claims changed</a> in verdict, kind, label or strength,'
        f" or are new.</p>{left}</section>"
    )


def _filters(context: Context, sources: Sequence[str]) -> str:
    """The form; the script shows it, since nothing of it works without one."""
    kinds = (("printed", "Of the page"), ("reading", "Other readings"))
    words = {standing(claim) for claim in context.claims.values()}
    verdicts = [("stands", "Stands"), ("falls", "Falls")]
    verdicts += [(css(word)[2:], text.capitalize()) for word, (_, text) in SIGNS.items() if word in words]
    if context.since is not None:
        verdicts.append(("changed", "Changed"))
    names = {text.key: text.short or text.key for text in shown_texts(sources)}
    count = len(context.claims)
    return (
        '<form id="filters" role="search" aria-label="Filter the claims" hidden>'
        '<p class="wide"><label for="find">Search keys and statements</label>'
        '<input id="find" type="search" autocomplete="off" spellcheck="false"></p>'
        + _select("source", "Source", [(source, names.get(source, source)) for source in sources])
        + _select("verdict", "Verdict", verdicts)
        + _select("kind", "Reading", kinds)
        + '<p><button type="reset">Clear</button></p>'
        f'<p class="wide"><output id="count" for="find source verdict kind" aria-live="polite">{count} of {count}'
        " claims</output></p></form>"
    )


def _select(name: str, label: str, options: Iterable[tuple[str, str]]) -> str:
    rows = "".join(f'<option value="{escape(value, quote=True)}">{escape(words)}</option>' for value, words in options)
    return f'<p><label for="{name}">{label}</label><select id="{name}"><option value="">All</option>{rows}</select></p>'


def _source(source: str, found: Sequence[Entry], context: Context) -> str:
    own = [entry for entry in found if entry.source == source]
    count = sum(len(part.claims) for entry in own for part in entry.parts)
    title = next((text.title for text in shown_texts([source])), source)
    name = escape(source, quote=True)
    words = f"{number(count, 'claim')} on {number(len(own), 'statement')}"
    return (
        f'<section class="source" data-source="{name}" aria-labelledby="source-{name}">'
        f'<h2 id="source-{name}">{escape(title)}</h2><p class="small">{words}</p>'
        f"{''.join(statement_html(entry, context) for entry in own)}</section>"
    )
