"""The report as a page: everything is on it, nothing breaks out of it, nothing is loaded, and it is written whole."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import os
import re
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import numpy as np
import pytest

from tests import fake_catalogue as fake
from tests.page_outline import Outline, outline
from theorems.__main__ import main
from theorems.case import MatrixCase
from theorems.catalogue import CLAIMS, stored
from theorems.claim import Claim, Source, Verdict
from theorems.evidence import necessity, tightness
from theorems.page import page
from theorems.page.cases import case_html, entry
from theorems.page.entries import Context, entry_html
from theorems.page.plots import tightness_html
from theorems.report.selection import statement_of

Capture = pytest.CaptureFixture[str]


def links_resolve(found: Outline) -> bool:
    return all(target.startswith("#") and unquote(target[1:]) in found.ids for target in found.links)


def parsed(html: str) -> ElementTree.Element:
    """An entry as XML, which all of it is but for attributes without values and the entities of HTML."""
    return ElementTree.fromstring(f"<div>{html}</div>")


# the catalogue ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def whole() -> str:
    """The page of the catalogue, its counterexamples left out: the test below sets some of them."""
    return page(CLAIMS, witnesses={})


@pytest.fixture(scope="module")
def found(whole: str) -> Outline:
    return outline(whole)


def test_every_claim_is_on_the_page(whole: str, found: Outline) -> None:
    assert found.problems == []
    assert sorted(found.claims) == sorted(claim.key for claim in CLAIMS)
    statements = [statement_of(key) for key in found.claims]
    assert [key for key, _ in itertools.groupby(statements)] == list(dict.fromkeys(map(statement_of, _keys())))
    assert links_resolve(found)
    for claim in CLAIMS:
        assert f'<code>{claim.key}</code>' in whole
        if claim.repaired_by:
            assert f'href="#{claim.repaired_by}"' in whole
    assert len(whole.encode()) < 5_000_000


def _keys() -> list[str]:
    """The keys in the order of the page: source by source, and so the statements."""
    sources = ("zeng-lee", "textbook", "ours")
    return [claim.key for source in sources for claim in CLAIMS if claim.key.startswith(source)]


def test_the_policy_of_the_page_lets_its_own_style_and_script_run_and_nothing_else(whole: str) -> None:
    (policy,) = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', whole)
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules.pop("default-src") == rules.pop("base-uri") == rules.pop("form-action") == "'none'"
    for kind in ("style", "script"):
        (text,) = re.findall(rf"<{kind}>(.*?)</{kind}>", whole, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert rules.pop(f"{kind}-src") == f"'sha256-{digest}'"
    assert rules == {}
    body = whole.partition("<body>")[2]
    assert re.search(r"<[^>]*\s(style|on[a-z]+)=", body) is None


def test_the_page_loads_nothing(whole: str, found: Outline) -> None:
    assert [address for address in found.addresses if not address.startswith("#")] == []
    assert not found.tags & {"link", "img", "iframe", "object", "embed", "base"}
    assert re.search(r"@import|url\(|https?:|//[a-z]+\.", re.sub(r"(?m)^\s*//.*$", "", whole)) is None


def test_headings_descend_step_by_step(found: Outline) -> None:
    levels = [level for level, _ in found.headings]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below <= above + 1 for above, below in itertools.pairwise(levels))
    assert all(text.strip() for _, text in found.headings)


def test_formulas_are_well_formed(whole: str) -> None:
    formulas = re.findall(r"<math.*?</math>", whole)
    assert len(formulas) > 3000
    arity = {"mfrac": 2, "msub": 2, "msup": 2, "msubsup": 3, "munder": 2, "mover": 2, "munderover": 3}
    for text in set(formulas):
        for element in ElementTree.fromstring(text).iter():
            assert len(element) == arity.get(element.tag, len(element)), text


def test_counts_and_statements(found: Outline) -> None:
    text = found.text
    assert f"{len({statement_of(c.key) for c in CLAIMS})} statements: {len(CLAIMS)} claims" in text
    refuted = sum(claim.verdict is Verdict.REFUTED for claim in CLAIMS)
    assert f"{refuted} fall" in text


def test_counterexamples_are_printed() -> None:
    files = stored()
    context = Context({claim.key: claim for claim in CLAIMS}, files)
    chosen = [claim for claim in CLAIMS if claim.key in files][::20]
    assert chosen
    for claim in chosen:
        html = entry_html(claim, context)
        parsed(html)
        assert "<mtable>" in html or "<dd>" in html
        assert "Violated: " in html
        assert f"theorems verify {claim.key}" in html


# one entry ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def witnesses(tmp_path: Path) -> dict[str, Path]:
    """The counterexamples of the small catalogue."""
    return {
        fake.TRACE.key: fake.store(tmp_path, fake.TRACE, fake.trace_case()),
        fake.SIGMA.key: fake.store(tmp_path, fake.SIGMA, fake.sigma_case()),
    }


def test_an_entry_says_all_that_is_held(witnesses: dict[str, Path]) -> None:
    made = page(fake.CLAIMS, witnesses=witnesses)
    found = outline(made)
    assert (found.problems, links_resolve(found)) == ([], True)
    assert "left side3/2right side0apart by3/2margin" in found.text
    assert "two nilpotent matrices" in found.text
    assert "What stands instead" in found.text
    assert "trace_of_a_product in tests/fake_catalogue.py, line" in found.text
    assert "known.U" in found.text
    assert "empty, 2 × 0" in found.text
    assert "not judged" in found.text
    assert page(fake.CLAIMS, witnesses=witnesses) == made


def test_a_stale_counterexample_says_so(tmp_path: Path) -> None:
    path = fake.store(tmp_path, fake.TRACE, fake.trace_case())
    data = json.loads(path.read_text())
    path.write_text(json.dumps(data | {"statement": "0" * 64}))
    made = page(fake.CLAIMS, witnesses={fake.TRACE.key: path})
    assert "the digest is not that of ours/trace" in made
    assert outline(made).problems == []


def hostile(case: Any, num: Any) -> Any:
    """</summary><script>alert(1)</script> A_{<img src=x onerror=alert(2)>} <= "B' & `<i>`.

    Hypotheses  "><b onclick="x">
    """
    yield num


def test_hostile_words_stay_words() -> None:
    nasty = '</script><script>alert("&\'")</script>'
    claim = Claim(
        key=f'ours/a" onmouseover="x.{nasty}:a reading', statement=hostile, source=Source("ours", nasty, nasty),
        verdict=Verdict.CORROBORATED, reason=nasty, repaired_by=nasty, skip=(nasty,),
    )  # fmt: skip
    made = page([claim], witnesses={}, survival={claim.key: [nasty, nasty]})
    found = outline(made)
    assert found.problems == []
    assert links_resolve(found)
    assert made.count("<script") == 1
    assert not found.tags & {"img", "b", "i"}
    assert len(found.claims) == 1


@pytest.mark.parametrize("field", ["name", "hypothesis"])
def test_what_was_measured_is_shown(
    monkeypatch: pytest.MonkeyPatch, witnesses: dict[str, Path], field: str
) -> None:
    claim = fake.TRACE_REPAIRED
    name = claim.hypotheses[0]
    relation = {
        "conclusion": "tr(AB) <= tr(A) tr(B)", "kind": "at most", "largest_ratio": 1.0, "attained": True,
        "cells": [{"D": d, "L": depth, "R": 1, "ratio": 1 / d} for d in (1, 2, 4) for depth in (1, 2)],
    }  # fmt: skip
    why = f"A = -1 <= 0 (ours/trace, and {fake.SIGMA.key})"
    need = {field: name, "finding": "needed", "why": why, "witness": "a.json", "claim": None}
    needs = {"digest": claim.digest, "hypotheses": [need]}
    ratios = {"digest": "0" * 64, "relations": [relation, {"conclusion": "x", "cells": []}]}
    monkeypatch.setattr(necessity, "describe", lambda claim: needs)
    monkeypatch.setattr(tightness, "describe", lambda claim: ratios)
    made = page(fake.CLAIMS, witnesses=witnesses, survival={claim.key: ["1,000 live instances", "another line"]})
    found = outline(made)
    assert (found.problems, links_resolve(found)) == ([], True)
    assert "needed A" in found.text
    assert {"#ours/trace", f"#{fake.SIGMA.key}"} <= set(found.links)
    assert "attained (largest ratio of left to right 1)" in found.text
    assert "measured on an earlier form of the statement" in found.text
    assert "1,000 live instances" in found.text
    drawing = re.search(r"<svg.*?</svg>", made)
    assert drawing is not None
    picture = ElementTree.fromstring(drawing[0])
    assert "tr(AB) <= tr(A) tr(B)" in picture.get("aria-label", "")
    assert sum(element.tag in ("circle", "rect") for element in picture.iter()) == 6


def test_a_drawing_needs_numbers() -> None:
    assert tightness_html({"cells": []}) == ""
    assert tightness_html({"cells": [{"D": 1, "L": 1, "R": 1, "ratio": None}]}) == ""
    assert tightness_html({"cells": [{"D": 1, "L": 1, "R": 1, "ratio": float("nan")}]}) == ""
    drawing = tightness_html({"cells": [{"D": d, "ratio": r} for d, r in ((1, 0.0), (2, 1))]})
    heights = re.findall(r'cy="([\d.]+)"', drawing)
    assert float(heights[0]) > float(heights[1])  # the larger ratio is drawn higher


def test_entries_and_large_matrices() -> None:
    assert entry(Fraction(-1, 2)) == (
        '<mrow><mo form="prefix">−</mo><mn>1</mn><mo lspace="0" rspace="0">/</mo><mn>2</mn></mrow>'
    )
    assert entry(3) == "<mn>3</mn>"
    assert "≈" in entry(Fraction(1, 3**60))
    small, large = (case_html(MatrixCase((np.full((n, n), Fraction(n)),))) for n in (4, 40))
    assert "<details" not in small
    assert "<details" in large
    assert "40 × 40" in large
    assert "⋮" in large
    for html in (small, large):
        parsed(html)


# the command --------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder, and the small catalogue with its counterexamples."""
    made = tmp_path / "witnesses"
    made.mkdir()
    fake.install(monkeypatch, made)
    fake.store(made, fake.TRACE, fake.trace_case())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(capsys: Capture, *words: str) -> tuple[int, str, str]:
    code = main(words)
    return code, *capsys.readouterr()


def test_the_command_writes_a_page(folder: Path, capsys: Capture) -> None:
    code, out, err = run(capsys, "report", "--html", "page.html")
    assert (code, err) == (0, "")
    assert out.startswith("page.html: 4 claims, ")
    assert outline((folder / "page.html").read_text(encoding="utf-8")).problems == []
    code, out, err = run(capsys, "report", "--html", "other.html", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out) == {"page": "other.html", "claims": 4, "bytes": (folder / "other.html").stat().st_size}
    assert (folder / "other.html").read_bytes() == (folder / "page.html").read_bytes()


def test_the_command_says_what_it_could_not_read(folder: Path, capsys: Capture) -> None:
    (path,) = (folder / "witnesses").glob("*.json")
    path.write_text(path.read_text().replace('"1"', '"1.5"', 1))
    code, out, err = run(capsys, "report", "--html", "page.html")
    assert code == 1
    assert out.startswith("page.html: 4 claims, ")
    assert err.startswith("theorems: page.html: 1 counterexamples cannot be read or do not refute (the first: ")
    assert path.name in err
    assert err.endswith("): run theorems verify\n")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--html", "taken.html"], "taken.html: it exists already: choose another name, or add --force"),
        (["--html", "witnesses"], "witnesses: a folder: name a file in it"),
        (["--html", "witnesses", "--force"], "witnesses: a folder: name a file in it"),
        (["--html", "no/such/page.html"], "there is no folder"),
        (["--html", "taken.html/page.html"], "there is no folder"),
        (["--html", "pipe", "--force"], "pipe: not a regular file"),
        (["--html", "page.html", "nowhere"], "nowhere"),
        (["--html", "page.html", ".", "ours/trace"], "the page has every claim"),
        (["--force", "nowhere"], "--force"),
        ([], "no campaign is named"),
    ],
)
def test_bad_places_are_refused(folder: Path, capsys: Capture, words: list[str], complaint: str) -> None:
    (folder / "taken.html").write_text("old")
    os.mkfifo(folder / "pipe")
    before = sorted(path.name for path in folder.rglob("*"))
    code, out, err = run(capsys, "report", *words)
    assert (code, out) == (2, "")
    assert err.startswith("theorems: ")
    assert err.count("\n") == 1
    assert complaint in err
    assert sorted(path.name for path in folder.rglob("*")) == before
    assert (folder / "taken.html").read_text() == "old"


def test_force_replaces_a_file(folder: Path, capsys: Capture) -> None:
    (folder / "taken.html").write_text("old")
    assert run(capsys, "report", "--html", "taken.html", "--force")[0] == 0
    assert (folder / "taken.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert list(folder.glob(".taken*")) == []
