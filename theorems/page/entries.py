"""One claim as HTML: a line to read, and behind it all that is held of it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from theorems import evidence
from theorems.claim import Claim, Verdict
from theorems.errors import InputError, Unsupported
from theorems.evidence import necessity, tightness
from theorems.judge.witness import REFUTES, arithmetic_named, read, replay
from theorems.page import plots
from theorems.page.cases import case_html
from theorems.page.prose import Section, blocks, html_of, paragraph
from theorems.report.rendering import render_violation
from theorems.report.selection import statement_of
from theorems.report.totals import is_printed, word_of

#: A mark for every verdict, so that none is told by its colour alone.
MARKS = {
    "corroborated": "✓", "decided": "∎", "false": "✗", "gap": "∅", "misprint": "✎", "refuted": "✗", "empirical": "≈",
    "informal": "¶", "undecided": "?",
}  # fmt: skip
#: The kinds of evidence that have a form of their own; the others are lines.
_SET_ABOVE = ("hypotheses needed", "tightness")

_SIDES = re.compile(
    r"(?:at (.+?), )?left = (.+?)(?: (?:<=|<|=) | and )right = (.+?) (?:is violated|violate it)"
    r"(?:, by (.+?)|: the sides are equal)?(?:; (.+?))? \(margin (\S+)\)"
)


@dataclass(frozen=True)
class Context:
    """What the entries of one page share.

    claims     by key, in the page's order
    witnesses  the files of the stored counterexamples by key
    survival   for some keys, what a campaign saw of the claim, in lines
    tick       called when a claim is set
    unread     called with what is wrong with a counterexample that cannot be read or no longer refutes
    """

    claims: Mapping[str, Claim]
    witnesses: Mapping[str, Path]
    survival: Mapping[str, Sequence[str]] = field(default_factory=dict)
    tick: Callable[[], None] = lambda: None
    unread: Callable[[str], None] = lambda message: None


def anchor(key: str) -> str:
    """A key as the ``id`` of an element: without blanks, which an id may not have."""
    return re.sub(r"\s+", "-", key)


def link(key: str, context: Context) -> str:
    """A key, as a link where the page has the claim."""
    words = f"<code>{escape(key)}</code>"
    return f'<a href="#{quote(anchor(key), safe="/:.-_")}">{words}</a>' if key in context.claims else words


def entry_html(claim: Claim, context: Context) -> str:
    """A claim as a disclosure: its verdict and statement, and inside everything else."""
    context.tick()
    word = word_of(claim)
    first, *rest = blocks(claim.text) or [claim.key]
    statement = first if isinstance(first, str) else claim.summary
    kind = "printed" if is_printed(claim.key) else "reading"
    find = " ".join((claim.key, claim.source.label if claim.source else "", claim.summary)).lower()
    return (
        f'<details class="claim {_class(word)}" id="{escape(anchor(claim.key), quote=True)}"'
        f' data-verdict="{escape(word)}" data-kind="{kind}" data-find="{escape(find, quote=True)}">'
        f"<summary>{badge(word)}<h4>{escape(title(claim))}</h4> "
        f'<span class="says">{html_of(statement)}</span></summary>'
        f'<div class="body">{"".join(_parts(claim, context, statement, rest))}</div></details>'
    )


def badge(word: str) -> str:
    """A verdict as a mark and a word."""
    mark = f'<span aria-hidden="true">{MARKS.get(word, "·")}</span> '
    return f'<span class="badge {_class(word)}">{mark}{escape(word)}</span> '


def title(claim: Claim) -> str:
    """The part and the reading in words: "Optimal solution, repaired"."""
    part = claim.key.partition(":")[0][len(statement_of(claim.key)) :].strip(".")
    words = [part.replace(".", ", ").replace("-", " ")] if part else []
    words.append(claim.reading.replace("-", " "))
    text = ", ".join(words)
    return text[:1].upper() + text[1:]


def _class(word: str) -> str:
    return f"v-{word}" if word in MARKS else "v-none"


def _parts(claim: Claim, context: Context, statement: str, rest: Iterable[Any]) -> Iterable[str]:
    """The inside of a claim, part by part."""
    yield f'<p class="key"><code>{escape(claim.key)}</code> {_copy(claim.key, "the key")}</p>'
    display = paragraph(statement)
    if 'class="display"' in display:
        yield display[display.index('<div class="display">') :]
    for block in rest:
        yield _block(block, claim.text)
    yield _hypotheses(claim, context, necessity.describe(claim))
    if claim.printed:
        yield f"<h5>On the page</h5><p>{escape(claim.place)}{': ' if claim.place else ''}{escape(claim.printed)}</p>"
    reason = _linked(claim.reason, context) if claim.reason else "no reason is on record"
    yield f"<h5>Verdict</h5><p>{badge(word_of(claim))}{reason}</p>"
    if claim.why:
        yield f"<h5>Why it falls</h5><p>{html_of(claim.why)}</p>"
    yield _witness(claim, context)
    if claim.repaired_by:
        repair = context.claims.get(claim.repaired_by)
        says = f": {html_of(repair.summary)}" if repair else ""
        yield f"<h5>What stands instead</h5><p>{link(claim.repaired_by, context)}{says}</p>"
    yield _tightness(tightness.describe(claim), claim)
    if claim.key in context.survival:
        yield _lines("Survival in this campaign", context.survival[claim.key])
    for heading, lines in evidence.lines(claim):
        if heading not in _SET_ABOVE:
            yield _lines(heading.capitalize(), lines)
    yield _replay(claim, context)
    yield _location(claim)


def _block(block: Any, around: str) -> str:
    if isinstance(block, str):
        return paragraph(block)
    if block and isinstance(block[0], Section):
        rows = (f"<div><dt>{escape(part.title)}</dt><dd>{html_of(part.text, around)}</dd></div>" for part in block)
        return f'<dl class="sections">{"".join(rows)}</dl>'
    return f'<pre class="scroll">{escape(chr(10).join(block))}</pre>'


# hypotheses ---------------------------------------------------------------------------------------------------------


def _hypotheses(claim: Claim, context: Context, needs: Mapping[str, Any] | None) -> str:
    """The hypotheses as the judge tests them, and what is known of the need for each."""
    if not claim.hypotheses and not claim.skip:
        return ""
    found = {one.get("hypothesis") or one.get("name"): one for one in (needs or {}).get("hypotheses", ())}
    items = [f"<li>{html_of(name)}{_need(found.get(name), context)}</li>" for name in claim.hypotheses]
    items += [f'<li class="dropped">dropped in this reading: {html_of(name)}</li>' for name in claim.skip]
    stale = _stale(needs, claim)
    return f"<h5>Hypotheses, as tested</h5>{stale}<ul class='hypotheses'>{''.join(items)}</ul>"


def _need(found: Mapping[str, Any] | None, context: Context) -> str:
    if not found or not found.get("finding"):
        return ""
    word = str(found["finding"]) + (f" ({found['joint']} with those that imply it)" if found.get("joint") else "")
    text = f' <span class="need">{escape(word)}</span>'
    if found.get("why"):
        text += f" {_linked(str(found['why']), context)}"
    if found.get("claim") and str(found["claim"]) in context.claims:
        text += f" ({link(str(found['claim']), context)})"
    if found.get("witness"):
        text += f" <small>witness: <code>{escape(str(found['witness']))}</code></small>"
    return text


def _linked(text: str, context: Context) -> str:
    """A sentence in which the keys of claims are links."""
    parts = re.split(r"([\w-]+/[\w.:-]*\w)", text)
    return "".join(link(part, context) if part in context.claims else _spaced(part) for part in parts)


def _spaced(text: str) -> str:
    """A piece of a sentence, with the blanks at its ends."""
    body = text.strip()
    head, tail = (text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]) if body else (text, "")
    return head + html_of(body) + tail


def _stale(found: Mapping[str, Any] | None, claim: Claim) -> str:
    if found is None or found.get("digest") in (None, claim.digest):
        return ""
    return '<p class="stale">measured on an earlier form of the statement</p>'


# counterexamples ----------------------------------------------------------------------------------------------------


def _witness(claim: Claim, context: Context) -> str:
    path = context.witnesses.get(claim.key)
    if path is None:
        missing = claim.verdict is Verdict.REFUTED
        return "<h5>Counterexample</h5><p>None is stored.</p>" if missing else ""
    try:
        witness = read(path, [claim])
        replayed = replay(witness, claim, witness.arithmetic)
    except (InputError, Unsupported) as error:
        context.unread(str(error))
        return f"<h5>Counterexample</h5><p><code>{escape(path.name)}</code>: {escape(str(error))}</p>"
    parts = [f"<h5>Counterexample</h5>{case_html(witness.case)}"]
    report = replayed.report
    if report is not None and report.violation is not None:
        num = arithmetic_named(witness.arithmetic)
        text = render_violation(report.violation, num, replayed.condition)
        parts.append(f"<p>Violated: {html_of(report.violation.conclusion)}</p>{_sides(text)}")
        parts.append(f"<p><small>In {witness.arithmetic} arithmetic ({escape(num.word)}).</small></p>")
    if replayed.result != REFUTES:
        context.unread(f"{path.name}: {replayed.result}{f': {replayed.message}' if replayed.message else ''}")
    if replayed.message:
        parts.append(f"<p>{escape(replayed.result)}: {escape(replayed.message)}</p>")
    if witness.note:
        parts.append(f"<p><small>{html_of(witness.note)}</small></p>")
    return "".join(parts)


def _sides(text: str) -> str:
    """Both sides of a violated conclusion and the gap, from the words that the commands print."""
    _, _, line = text.partition("\n")
    match = _SIDES.fullmatch(line.strip())
    if match is None:
        return f"<p>{escape(line.strip() or text)}</p>"
    where, left, right, gap, remark, margin = match.groups(default="")
    rows = [("entry", where), ("left side", left), ("right side", right), ("apart by", gap), ("margin", margin)]
    if remark:
        rows.append(("", remark))
    items = "".join(f"<dt>{name}</dt><dd>{escape(value.replace('-', '−'))}</dd>" for name, value in rows if value)
    return f'<dl class="sides">{items}</dl>'


# what was measured, and where to go on ------------------------------------------------------------------------------


def _tightness(found: Mapping[str, Any] | None, claim: Claim) -> str:
    if not found:
        return ""
    parts = []
    for relation in plots.ratios(found):
        plot, words = plots.tightness_html(relation), plots.attained_words(relation)
        if plot or words:
            name = html_of(str(relation.get("conclusion", "")))
            parts.append(f"<figure><figcaption>{name}: {escape(words)}</figcaption>{plot}</figure>")
    return f"<h5>How tight it is</h5>{_stale(found, claim)}{''.join(parts)}" if parts else ""


def _lines(heading: str, lines: Sequence[str]) -> str:
    first, *rest = lines
    items = "".join(f"<li>{html_of(line)}</li>" for line in rest)
    return f"<h5>{escape(heading)}</h5><p>{html_of(first)}</p>" + (f"<ul>{items}</ul>" if items else "")


def _replay(claim: Claim, context: Context) -> str:
    verb = "verify" if claim.key in context.witnesses else "show"
    rows = [f"theorems {verb} {claim.key}"]
    if claim.verdict not in (Verdict.INFORMAL,):
        rows.append(f"theorems hunt {claim.key}")
    items = "".join(f"<li><code>{escape(row)}</code> {_copy(row, 'the command')}</li>" for row in rows)
    return f"<h5>Do it again</h5><ul class='commands'>{items}</ul>"


def _copy(text: str, what: str) -> str:
    """A place for the copy button, which the script fills: without it there is none."""
    return f'<span class="copy" data-copy="{escape(text, quote=True)}" data-what="{escape(what)}"></span>'


def _location(claim: Claim) -> str:
    source = f"{escape(claim.source.label)}, {escape(claim.source.section)}. " if claim.source else ""
    return f'<p class="where"><small>{source}{_code_place(claim)}</small></p>'


def _code_place(claim: Claim) -> str:
    """The module, function and line of the statement."""
    function = inspect.unwrap(claim.statement)
    try:
        line = inspect.getsourcelines(function)[1]
    except (OSError, TypeError):
        return ""
    place = f"{function.__module__.replace('.', '/')}.py"
    name = getattr(function, "__qualname__", "")
    return f"Statement: <code>{escape(name)}</code> in <code>{escape(place)}</code>, line {line}."

