"""List the claims of the catalogue with their verdicts."""

from __future__ import annotations

import argparse

from theorems.catalogue import stored, use
from theorems.claim import (
    Claim,
    Kind,
    Verdict,
)
from theorems.evidence import (
    proofs,
)
from theorems.report.printing import (
    print_json,
    say,
    table,
)
from theorems.report.selection import (
    catalogue,
    describe,
    verdict_of,
)
from theorems.report.totals import (
    totals,
    word_of,
)

NAME = "list"
UNJUDGED = "none"  # the word for claims without a verdict


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "example: theorems list --verdict refuted --kind misprint"
    parser.add_argument("--json", action="store_true", help="print an array of objects, and nothing else")
    parser.add_argument("--source", metavar="TEXT", help="only the claims of the text with this key")
    parser.add_argument("--strength", action="store_true", help="on what the claims that stand rest")
    words = [verdict.value for verdict in Verdict]
    parser.add_argument("--verdict", choices=[*words, UNJUDGED], help="only the claims with this verdict")
    parser.add_argument(
        "--kind", choices=[kind.value for kind in Kind],
        help="only refuted claims of this kind: what is meant is false, a gap (something unsaid), or a misprint",
    )  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    if arguments.source is not None:
        use(arguments.source, only=True)
    claims = [
        claim
        for claim in catalogue().values()
        if arguments.verdict in (None, verdict_of(claim) or UNJUDGED)
        and arguments.kind in (None, claim.kind and claim.kind.value)
    ]
    if arguments.json:
        files = stored()
        print_json([describe(claim, files) for claim in claims])
        return 0
    if arguments.strength:
        return _strength(claims)
    if claims:
        # A key is for copying: rather fold the labels.
        rows = [(claim.key, claim.source.label if claim.source else "", word_of(claim)) for claim in claims]
        say(*table(("key", "label", "verdict"), rows, fold={1: 10, 0: 10}), "")
    say(*totals({claim.key: word_of(claim) for claim in claims}))
    return 0


def _strength(claims: list[Claim]) -> int:
    """What the claims that stand rest on, and why what is sampled only is."""
    standing = [claim for claim in claims if claim.verdict is not None and claim.verdict.stands]
    rows = []
    for claim in standing:
        word = proofs.standing(claim)
        where = "" if word == proofs.SAMPLED else proofs.reach(claim)
        rows.append((claim.key, proofs.WORDS.get(word, proofs.why_sampled(claim)), where))
    if rows:
        say(*table(("key", "rests on", "up to"), rows, fold={1: 16, 2: 16, 0: 10}), "")
    say(proofs.head(standing))
    return 0
