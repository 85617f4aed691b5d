"""Show one claim whole: what it says, where, what we hold of it, its counterexample and its repair."""

from __future__ import annotations

import argparse
import math
import textwrap

import numpy as np

from theorems import evidence
from theorems.case import named_leaves
from theorems.catalogue import stored
from theorems.claim import Claim, Kind, Verdict
from theorems.judge.codec import encode
from theorems.judge.reads import legible, reads
from theorems.judge.witness import Witness
from theorems.loading import split_target
from theorems.report.exhibits import Exhibit
from theorems.report.exhibits import exhibit as exhibited
from theorems.report.printing import print_json, say, width
from theorems.report.rendering import render_case, render_violation
from theorems.report.selection import catalogue, describe, family, selected, statement_of, verdict_of
from theorems.report.totals import word_of
from theorems.statement import Relation

NAME = "show"
#: Characters of a case that goes into an erratum.
LINE = 300
#: The kinds of refutation in words.
KINDS = {
    Kind.FALSE: "false: what is meant is false",
    Kind.GAP: "a gap: a hypothesis or a convention is unsaid",
    Kind.MISPRINT: "a misprint: the page has it right elsewhere",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "example: theorems show zeng-lee/equation-1.5"
    parser.add_argument("key", metavar="KEY", help="a claim, a statement with parts and readings, or FILE.py::name")
    parser.add_argument("--all", action="store_true", help="all on record: text, hypotheses, evidence, readings")
    parser.add_argument("--json", action="store_true", help="print one object, and nothing else")


def run(arguments: argparse.Namespace) -> int:
    key = arguments.key
    keys = selected([key])
    claims = catalogue()
    if keys == [key] or (split_target(key) or ("", ""))[1]:
        _show_claim(claims[keys[0]], claims, as_json=arguments.json, whole=arguments.all)
        return 0
    relatives = [claims[name] for name in keys]
    if arguments.json:
        files = stored()
        print_json({"key": key, "claims": [describe(claim, files) for claim in relatives]})
    else:
        say(f"{key}: {len(relatives)} claim{'' if len(relatives) == 1 else 's'}", style="bold")
        _show_relatives(relatives)
    return 0


def _show_claim(claim: Claim, claims: dict[str, Claim], *, as_json: bool, whole: bool) -> None:
    files = stored()
    exhibit = exhibited(claim, files[claim.key]) if claim.key in files else None
    siblings = [other for other in family(statement_of(claim.key), claims) if other.key != claim.key]
    repair = claims.get(claim.repaired_by or "")
    if as_json:
        data = describe(claim, files)
        data["text"] = claim.text
        data["why"] = claim.why or None
        data["location"] = str(claim.source) if claim.source else None
        data["counterexample"] = _exhibit_data(claim, exhibit) if exhibit else None
        data["repair"] = {"key": repair.key, "statement": repair.summary} if repair else None
        data["erratum"] = (
            erratum(claim, repair, exhibit.witness if exhibit else None)
            if repair and claim.verdict is Verdict.REFUTED and claim.place and claim.printed
            else None
        )
        data["measured"] = evidence.describe(claim)
        data["siblings"] = [
            {"key": other.key, "verdict": verdict_of(other), "kind": other.kind.value if other.kind else None}
            for other in siblings
        ]
        print_json(data)
        return
    say(claim.key, style="bold")
    _tell(f"{claim.source or 'ours'}; reading: {claim.reading}")
    if claim.printed:
        _tell(f"{claim.place}: {claim.printed}" if claim.place else claim.printed)
    say("")
    if whole:
        say(*(f"  {line}".rstrip() for line in (claim.text or "(no text)").splitlines()), "")
    else:
        _tell(claim.summary or "(no text)")
        say("")
    kind = f", {KINDS[claim.kind]}" if claim.kind else ""
    say(f"verdict: {verdict_of(claim) or 'not judged'}{kind}", style="bold")
    if claim.reason:
        _tell(claim.reason)
    if claim.why:
        say("why it falls", style="bold")
        _tell(claim.why)
    if exhibit:
        _show_exhibit(claim, exhibit, whole=whole)
    elif claim.verdict is Verdict.REFUTED:
        say(f"witness: none is stored; `theorems hunt {claim.key}` looks for one", style="bold")
    if claim.repaired_by:
        say(f"repaired by {claim.repaired_by}", style="bold")
        if repair:
            _tell(repair.summary)
    if repair and claim.verdict is Verdict.REFUTED and claim.place and claim.printed:
        say("erratum", style="bold")
        _tell(erratum(claim, repair, exhibit.witness if exhibit else None))
    if whole:
        _show_rest(claim, siblings)
        return
    for title, line in evidence.headlines(claim):
        say(title, style="bold")
        _tell(line)
    say(f"hypotheses, evidence, parts and readings: theorems show {claim.key} --all")


def _show_rest(claim: Claim, siblings: list[Claim]) -> None:
    """What is on record besides: hypotheses, all evidence, the other parts and readings."""
    if claim.hypotheses:
        say("hypotheses", style="bold")
        say(*(f"  - {name}" for name in claim.hypotheses))
    if claim.skip:
        say("hypotheses dropped in this reading", style="bold")
        say(*(f"  - {name}" for name in claim.skip))
    for title, lines in evidence.lines(claim):
        say(title, style="bold")
        for line in lines:
            _tell(line)
    if siblings:
        say("parts and readings", style="bold")
        _show_relatives(siblings)


def _tell(text: str) -> None:
    """A sentence, indented, its lines broken where the terminal ends; an indented one keeps its indent."""
    body = text.lstrip()
    indent = "  " + text[: len(text) - len(body)]
    say(*textwrap.wrap(
        body, width(), initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False,
    ))  # fmt: skip


def erratum(claim: Claim, repair: Claim, witness: Witness | None) -> str:
    """A line for the author of a text: where, what is printed, what to read instead, and where the former fails."""
    text = f"{claim.source.text}, {claim.place}" if claim.source else claim.place
    printed, read_instead = (words.rstrip(".") for words in (claim.printed, repair.printed or repair.summary))
    line = f"{text}: for '{printed}' read '{read_instead}'."
    if witness is None:
        return line
    leaves = named_leaves(legible(claim, witness.case))
    case = "; ".join(f"{name} = {_flat(leaf)}" for name, leaf in leaves if not isinstance(leaf, str))
    return f"{line}  It fails at {case}." if len(case) <= LINE else line


def _flat(leaf: object) -> str:
    """A leaf on one line, a matrix as its rows."""
    if isinstance(leaf, np.ndarray):
        inner = (_flat(row) for row in leaf) if leaf.ndim > 1 else map(str, leaf.tolist())
        return "[" + ("; " if leaf.ndim > 1 else " ").join(text.strip("[]") for text in inner) + "]"
    return str(leaf)


def _show_relatives(claims: list[Claim]) -> None:
    width = max(len(claim.key) for claim in claims)
    say(*(f"  {claim.key.ljust(width)}  {word_of(claim)}" for claim in claims))


def _show_exhibit(claim: Claim, exhibit: Exhibit, *, whole: bool) -> None:
    """What is violated, then the case; unless all is wanted, without the fields that the statement never reads."""
    witness, replayed, num = exhibit.witness, exhibit.replayed, exhibit.num
    if witness is None or replayed is None or num is None:
        say(f"witness: {exhibit.path.name}", style="bold")
        _tell(exhibit.problem)
        return
    if replayed.report is not None and replayed.report.violation is not None:
        say(f"violated, in {witness.arithmetic} arithmetic ({num.word})", style="bold")
        for line in render_violation(replayed.report.violation, num, replayed.condition).splitlines():
            _tell(line)
    if replayed.message:
        _tell(f"{replayed.result}: {replayed.message}")
    say(f"witness: {exhibit.path.name}", style="bold")
    read = None if whole else reads(claim, witness.case, num)
    say(*(f"  {line}" for line in render_case(legible(claim, witness.case), read).splitlines()))
    if witness.note:
        _tell(f"note: {witness.note}")
    say(f"replay it: theorems verify {claim.key}")


def _exhibit_data(claim: Claim, exhibit: Exhibit) -> dict[str, object]:
    data: dict[str, object] = {"file": exhibit.path.name, "problem": exhibit.problem or None}
    if exhibit.witness is None or exhibit.replayed is None or exhibit.num is None:
        return data
    data |= {
        "arithmetic": exhibit.witness.arithmetic,
        "case": encode(exhibit.witness.case, claim),
        "note": exhibit.witness.note,
        "result": exhibit.replayed.result,
        "message": exhibit.replayed.message,
        "violation": None,
    }
    report, condition = exhibit.replayed.report, exhibit.replayed.condition
    if report is not None and report.violation is not None:
        violation = report.violation
        data["violation"] = {
            "conclusion": violation.conclusion,
            "relation": condition.kind if isinstance(condition, Relation) else None,
            "left": None if violation.left is None else exhibit.num.show(violation.left),
            "right": None if violation.right is None else exhibit.num.show(violation.right),
            "margin": violation.margin if math.isfinite(violation.margin) else None,
        }
    return data
