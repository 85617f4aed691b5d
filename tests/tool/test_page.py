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

import theorems.page
from tests import fake_catalogue as fake
from tests.page_outline import Outline, outline
from theorems.__main__ import main
from theorems.arithmetic import Float64
from theorems.case import MatrixCase
from theorems.catalogue import CLAIMS, stored, texts
from theorems.claim import Claim, Source, Verdict
from theorems.evidence import necessity, tightness
from theorems.judge.reads import reads
from theorems.judge.witness import arithmetic_named
from theorems.models.relu import ReluNetwork
from theorems.page import page, pages
from theorems.page.cases import case_html
from theorems.page.counterexamples import size
from theorems.page.entries import Context, badge, claim_html
from theorems.page.networks import levels_html
from theorems.page.plots import tightness_html
from theorems.page.slips import code_html, slip_html
from theorems.report.exhibits import exhibits
from theorems.report.parts import SIGNS
from theorems.report.selection import statement_of
from theorems.report.totals import is_printed

Capture = pytest.CaptureFixture[str]


def links_resolve(found: Outline) -> bool:
    return all(target.startswith("#") and unquote(target[1:]) in found.ids for target in found.links)


def parsed(html: str) -> ElementTree.Element:
    """An entry as XML, which all of it is but for attributes without values and the entities of HTML."""
    return ElementTree.fromstring(f"<div>{html}</div>")


# the catalogue ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def whole() -> str:
    """The page of the catalogue."""
    return page(CLAIMS)


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
        assert f'{claim.key}</code>' in whole
        if claim.repaired_by:
            assert f'href=#{claim.repaired_by}>' in whole
    assert len(whole.encode()) < 1_500_000


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
    assert f"{len({statement_of(c.key) for c in CLAIMS})} statements, {len(CLAIMS)} claims" in text
    refuted = sum(claim.verdict is Verdict.REFUTED and is_printed(claim.key) for claim in CLAIMS)
    assert f"{refuted} fall" in text


def test_counterexamples_are_printed() -> None:
    files = stored()
    claims = {claim.key: claim for claim in CLAIMS}
    chosen = [claim for claim in CLAIMS if claim.key in files][::20]
    assert chosen
    context = Context(claims, exhibits(claims, {claim.key: files[claim.key] for claim in chosen}))
    for claim in chosen:
        html = claim_html(claim, "a part", context)
        parsed(html)
        assert '<dl class="case">' in html
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
    assert "left side3/2 ≈ 1.5right side0apart by3/2" in found.text
    assert "two nilpotent matrices" in found.text
    assert "What stands instead" in found.text
    assert "trace_of_a_product, tests/fake_catalogue.py:" in found.text
    assert "U diag(2, 1/2)U =" in found.text  # V is the identity
    assert "empty, 2 × 0" not in found.text  # no statement reads it
    assert "5 fields are not read, and left out" in found.text
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
    assert not found.tags & {"img", "i"}
    assert "<b onclick" not in made
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
    for kind in (necessity, tightness):
        monkeypatch.setattr(kind, "headline", lambda claim: "a line")
        monkeypatch.setattr(kind, "lines", lambda claim: ["a line"])
    survival = {claim.key: ["1,000 live instances", "another line"]}
    assert "1,000 live instances" in page(fake.CLAIMS, witnesses=witnesses, survival=survival)
    made = pages(fake.CLAIMS, witnesses=witnesses, survival=survival)["ours_trace.html"]
    found = outline(made)
    assert found.problems == []
    assert "needed A" in found.text
    assert {"ours_trace.html#ours/trace", f"zeng-lee_sigma.html#{fake.SIGMA.key}"} <= set(found.links)
    assert "attained (largest ratio of left to right 1)" in found.text
    assert "measured on an earlier form of the statement" in found.text
    drawing = re.search(r"<svg class=.plot.*?</svg>", made)
    assert drawing is not None
    picture = ElementTree.fromstring(drawing[0])
    assert "tr(AB) <= tr(A) tr(B)" in picture.get("aria-label", "")
    assert sum(element.tag in ("circle", "rect") for element in picture.iter()) == 6


def test_a_drawing_needs_numbers() -> None:
    assert tightness_html({"cells": []}) == ""
    assert tightness_html({"cells": [{"D": 1, "L": 1, "R": 1, "ratio": None}]}) == ""
    assert tightness_html({"cells": [{"D": 1, "L": 1, "R": 1, "ratio": float("nan")}]}) == ""
    same = [{"D": d, "L": depth, "ratio": 1} for d in (1, 2) for depth in (1, 2)]
    assert tightness_html({"cells": same}) == ""  # it would say nothing
    drawing = tightness_html({"cells": [{"D": d, "ratio": r} for d, r in ((1, 0.0), (2, 1), (3, 1))]})
    heights = re.findall(r'cy="([\d.]+)"', drawing)
    assert float(heights[0]) > float(heights[1])  # the larger ratio is drawn higher


def test_matrices_are_set_as_what_they_are() -> None:
    def html(array: Any) -> str:
        return case_html(MatrixCase((np.array(array, dtype=object),)))

    assert "<td>−1/2</td>" in html([[Fraction(-1, 2), Fraction(1)]])
    assert "≈ " in html([[Fraction(1, 3**60), Fraction(1)]])
    assert "<var>I</var>, 2 × 2" in html(np.eye(2, dtype=int))
    assert "<var>0</var>, 2 × 3" in html(np.zeros((2, 3), dtype=int))
    assert "diag(2, 3)" in html([[2, 0], [0, 3]])
    assert "diag" not in html([[2, 1], [0, 3]])
    small, large, largest = (html(np.full((n, n), Fraction(n))) for n in (4, 12, 40))
    assert "<details" not in small
    assert "<details" in large
    assert "40 × 40, in its file" in largest
    for text in (small, large, largest):
        parsed(text)


def test_a_case_without_what_is_not_read() -> None:
    case = fake.sigma_case()
    html = case_html(case, reads(fake.SIGMA, case, arithmetic_named("rational")))
    assert re.findall(r"<dt><code>(.*?)</code>", html) == ["known", "k"]


def test_a_slip_is_said_in_words_and_set_as_mathematics() -> None:
    html = slip_html("index off by one: sigma(d, case.k + 1, num) -> sigma(d, case.k, num) in linear_models.value")
    assert html.startswith("index off by one: <math>")
    assert "<mi mathvariant=\"normal\">σ</mi>" in html
    assert html.endswith('in <span class="at">linear models<sub>value</sub></span>')
    assert slip_html("wrong norm: 1 < 2") == "wrong norm: 1 &lt; 2"
    words = re.sub("<[^>]*>", "", code_html("d.U[..., a:b] @ (X + Y) - frozen.out[-1]"))
    assert words == "Ua:b(X+Y) −frozen.outlast"
    for text in ("not python (", "x" * 200):
        assert code_html(text) == f"<code>{text}</code>"


def test_signs_are_those_of_the_style() -> None:
    """The signs of badges are written by the style: the same as those of the map."""
    style = (Path(theorems.page.__file__).parent / "page.css").read_text(encoding="utf-8")
    written: dict[str, str] = {}
    for names, sign in re.findall(r"((?:b\.v-\w+::before(?:, )?)+) { content: \"(.) \" / \"\"; }", style):
        written |= dict.fromkeys(re.findall(r"v-\w+", names), sign)
    signs = {re.findall(r'<b class="([\w-]+)"', badge(word))[0]: sign for word, (sign, _) in SIGNS.items()}
    assert written == signs


def test_the_first_screen_has_numbers_findings_and_a_map(whole: str, found: Outline) -> None:
    assert len(re.findall(r'<li><a class=v-\w+ href=#ledger data-ask', whole)) == 6
    assert whole.count("<article") == 5
    cells = re.findall(r'<nav.*?</nav>', whole, re.DOTALL)[0].count("data-v=")
    assert cells == len({claim.key.partition(":")[0] for claim in CLAIMS})
    for text in texts():
        assert len(text.highlights) == 5
        assert set(text.highlights) <= set(text.by_key)


def test_a_text_without_highlights_says_so() -> None:
    assert "This text names none" in outline(page(fake.CLAIMS, witnesses={})).text


def test_a_reading_says_what_it_drops(whole: str) -> None:
    """Never the sentence of its part over a contrary verdict."""
    for claim in CLAIMS:
        if claim.skip:
            entry = whole[whole.index(f"id={claim.key}>") :]
            says = re.findall(r'<span class=says>(.*?)</span></summary>', entry)[0]
            assert says.startswith("without: ")


def test_a_site_has_a_page_a_statement(witnesses: dict[str, Path]) -> None:
    made = pages(fake.CLAIMS, witnesses=witnesses)
    assert sorted(made) == ["index.html", "ours_trace.html", "textbook_theorem-11.9.html", "zeng-lee_sigma.html"]
    for text in made.values():
        found = outline(text)
        assert found.problems == []
        for target in found.links:
            file, _, name = unquote(target).partition("#")
            assert not name or name == "ledger" or name in outline(made[file] if file else text).ids


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


def test_a_network_of_width_one_is_drawn_with_what_adapters_reach(whole: str) -> None:
    entry = whole[whole.index("id=zeng-lee/lemma-12.identity>") :]
    figure = re.findall(r"<figure>(<svg class=.net.*?</svg>)<figcaption>(.*?)</figcaption>", entry)[0]
    kinds = [path.get("class") for path in ElementTree.fromstring(figure[0])]
    assert kinds == ["frozen", "wanted"]  # of width one: a curve each
    assert "affine functions clipped to an interval" in figure[1]


def test_what_width_one_reaches_is_an_affine_function_clipped() -> None:
    """The caption, as arithmetic: any network of width one is max(low, min(high, a x + b)) on a grid."""
    random = np.random.default_rng(0)
    x = np.linspace(-4, 4, 801)[:, None]
    for depth in (1, 2, 3, 4, 5) * 20:
        weights, biases = random.normal(size=(depth, 1, 1)), random.normal(size=(depth, 1))
        y = ReluNetwork(tuple(weights), tuple(biases)).forward(x, Float64())[:, 0]
        inside = (y > y.min() + 1e-9) & (y < y.max() - 1e-9)
        slopes = np.diff(y)[inside[1:] & inside[:-1]]
        assert y.min() >= 0
        assert np.all(np.diff(y) >= -1e-12) or np.all(np.diff(y) <= 1e-12)
        assert slopes.size == 0 or np.ptp(slopes) < 1e-9


def test_a_floor_is_drawn_between_the_bound_and_the_best(whole: str) -> None:
    entry = whole[whole.index("id=zeng-lee/theorem-5>") :]
    drawing = ElementTree.fromstring(re.findall(r"<svg class=.levels.*?</svg>", entry)[0])
    at = {path.get("class"): float(path.get("d", "").lstrip("M").split()[0]) for path in drawing}
    assert at["axis"] < at["bound"] < at["floor"] < at["best"]
    assert size("√") is None
    assert [size(text) for text in ("2/45", "sqrt(1/4) = 0.5", "[0.25 +/- 1e-9]", "-3", "yes")] == [
        2 / 45, 0.5, 0.25, -3.0, None,
    ]  # fmt: skip
    assert levels_html(-1.0, 0.0, 1.0) == ""
