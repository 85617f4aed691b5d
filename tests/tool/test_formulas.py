"""The reader of plain-text mathematics: what it sets, what it leaves alone, and that it loses nothing."""

from __future__ import annotations

import cProfile
from collections.abc import Callable
from xml.etree import ElementTree

import pytest

from theorems.catalogue import CLAIMS
from theorems.page.formulas import formula
from theorems.page.mathml import block, inline
from theorems.page.prose import Section, blocks, html_of, paragraph, pieces, whole_formula
from theorems.page.trees import Atom, Fence, Quotient, Row, Scripts


def words(text: str) -> str:
    """A formula as the words of its MathML: every element in brackets by its name's last letters."""
    node = formula(text)
    assert node is not None, text
    return _spoken(ElementTree.fromstring(block(node)))


def _spoken(element: ElementTree.Element) -> str:
    inside = " ".join([*([element.text] if element.text else []), *map(_spoken, element)])
    invisible = {"\u2061", "\u2062"}
    if element.tag in ("mi", "mn", "mo", "mtext"):
        return "" if element.text in invisible else element.text or ""
    if element.tag == "mspace":
        return ""
    inside = " ".join(inside.split())
    return inside if element.tag in ("math", "mrow") else f"{element.tag[1:]}({inside})"


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("sigma_{r+1}^2", "subsup(σ r + 1 2)"),
        ("x^T W x", "sup(x ⊤) W x"),
        ("W_2^{-T}", "subsup(W 2 − ⊤)"),
        ("R in [D]", "R ∈ [ D ]"),
        ("W in R^{D x D}", "W ∈ sup(ℝ D × D)"),
        ("R_1 + ... + R_L >= rank(E)", "sub(R 1) + … + sub(R L) ≥ rank ( E )"),
        ("tr(AB) <= tr(A) tr(B)", "tr ( A B ) ≤ tr ( A ) tr ( B )"),
        ("ceil(rank(E) / L)", "⌈ frac(rank ( E ) L) ⌉"),
        ("floor(L / L-bar)", "⌊ frac(L over(L ¯)) ⌋"),
        ("|| prod (W_l + Delta W_l) - target ||_2", "sub(‖ ∏ ( sub(W l) + Δ sub(W l) ) − target ‖ 2)"),
        ("E[||x||^2]", "𝔼 [ sup(‖ x ‖ 2) ]"),
        ("E ||x||^2 = tr(Sigma)", "𝔼 sup(‖ x ‖ 2) = tr ( Σ )"),
        ("||P||_F^2 <= 2 <P, Delta W>", "subsup(‖ P ‖ F 2) ≤ 2 ⟨ P , Δ W ⟩"),
        ("1/2 ||H X||_F^2", "frac(1 2) subsup(‖ H X ‖ F 2)"),
        ("LR_{RL ^ R_E}(E)", "sub(LR R L ∧ sub(R E)) ( E )"),
        ("1:R^R_E'", None),
        ("V I_{1:R^R_E',D} V^T", "V sub(I 1 : R ∧ subsup(R E ′) , D) sup(V ⊤)"),
        ("sum_{i <= r} sigma_i u_i v_i^T", "under(∑ i ≤ r) sub(σ i) sub(u i) subsup(v i ⊤)"),
        ("sqrt(||Sigma||_F)", "sqrt(sub(‖ Σ ‖ F))"),
        ("Zhat = W_2 Wbar_2^{-1} Zbar", "over(Z ^) = sub(W 2) subsup(over(W ¯) 2 − 1) over(Z ¯)"),
        ("I (x) X X^T", "I ⊗ X sup(X ⊤)"),
        ("f = f_{L-bar} o ... o f_1", "f = sub(f over(L ¯)) ∘ … ∘ sub(f 1)"),
        ("|w . x_i - y_i| = rho", "| w · sub(x i) − sub(y i) | = ρ"),
        ("W* (X X^T) = Y X^T", "sup(W ∗) ( X sup(X ⊤) ) = Y sup(X ⊤)"),
        ("I + 1 1^T", "I + 𝟏 sup(𝟏 ⊤)"),
        ("{x in {0..N-1}^n : p(x) = 0}", "{ x ∈ sup({ 0 … N − 1 } n) : p ( x ) = 0 }"),
        ("i^(-2 alpha)", "sup(i − 2 α)"),
        ("M_{<l}", "sub(M < l)"),
        ("y (2 (I + s))^{-1/2}", "y sup(( 2 ( I + s ) ) − frac(1 2))"),
        ("sigma_1 >= ... >= sigma_min(m,n) >= 0", "sub(σ 1) ≥ … ≥ sub(σ min ( m , n )) ≥ 0"),
    ],
)
def test_a_formula_is_set(text: str, spoken: str | None) -> None:
    if spoken is None:
        assert formula(text) is None
    else:
        assert words(text) == spoken


def test_a_quotient_takes_one_factor_below() -> None:
    """"D L / M N" is (D L / M) N: the denominator is the factor behind the bar, as in "eta^2/2 tr(H)"."""
    node = formula("D L / M N")
    assert node == Row("product", (
        Quotient(Row("product", (Atom("name", "D"), Atom("name", "L"))), Atom("name", "M"), simple=False),
        Atom("name", "N"),
    ))  # fmt: skip
    assert "<mfrac>" in block(formula("1/2 x") or Atom("name", "x"))
    assert "<mfrac>" not in inline(formula("1/2") or Atom("name", "x"))


def test_powers_bind_tighter_than_products_and_norms() -> None:
    transpose = Scripts(Atom("name", "B"), None, Atom("transpose", "⊤"))
    assert formula("A B^T") == Row("product", (Atom("name", "A"), transpose))
    assert formula("||A||_F") == Scripts(Fence("‖", Atom("name", "A"), "‖"), Atom("name", "F"))


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        ("A product of adapted layers differs from prod W by a matrix of rank at most R_1 + ... + R_L",
         ["prod W", "R_1 + ... + R_L"]),
        ("A is m x k, B is k x n", ["A", "m x k", "B", "k x n"]),
        ("Lemmas 9 and 10, value: the least spectral error is sigma_{r+1}(E).", ["sigma_{r+1}(E)"]),
        ("adapters of rank R in L layers", ["R", "L"]),
        ("the sum of the first r terms gives LR_r(W) as well", ["r", "LR_r(W)"]),
        ("Equations (8), (9): in Appendix D and Lemma 11 (12)", []),
        ("What counts is the variance; that is the best rank-r approximation, the k-th of its kind.", []),
        ("'the' for 'an': 'R = D' for 'any R' where D = 1", ["R = D", "R", "D = 1"]),
        ("the ranges R_1+...+R_{l-1}+1 : R_1+...+R_l", ["R_1+...+R_{l-1}+1", "R_1+...+R_l"]),
        ("20% of the values hold 0.42-0.46, or 1e-24", []),
        ("a model (with two non-symmetric factors it fails: A = I + K, B = A^T.)", ["A = I + K", "B = A^T"]),
        ("I (see below) term(s) of W_t (n = 2, one step)", ["I", "s", "W_t", "n = 2"]),
        ("for L = 1 sqrt(2) > 1 and for D = 2 f differs", ["L = 1", "sqrt(2) > 1", "D = 2", "f"]),
        ("E x_0 is a product, since E is a matrix", ["E x_0", "E"]),
    ],
)  # fmt: skip
def test_words_remain_words(text: str, formulas: list[str]) -> None:
    assert [piece.text for piece in pieces(text) if piece.kind == "formula"] == formulas


def test_an_expectation_is_told_from_a_matrix() -> None:
    assert "𝔼" in html_of("E ||f - g|| is small")
    assert "𝔼" in html_of("A = E x x^T")
    assert "𝔼" in html_of("the bias b - N E x", "tr(N Cov N^T)")
    assert "𝔼" not in html_of("the bias b - N E x")
    assert "𝔼" not in html_of("u_j^T E x_0 = 0 and E V = 0 for E = W - W_0")


@pytest.mark.parametrize("text", ["R = _{", "^^^", "W_{", "a <= <= b_{c", "{{{", "x_{}^{}", "\\frac{1}{2}", "||A x_2"])
def test_what_cannot_be_read_is_shown_as_it_is(text: str) -> None:
    """Every character remains, in its order, but for the scripts of what could be read."""
    assert "".join(piece.text for piece in pieces(text)) == text
    shown = "".join(ElementTree.fromstring(f"<p>{html_of(text)}</p>").itertext())
    for sign, written in {"≤": "<=", "‖": "||", "\u2062": "", "\u2061": "", "∧": "^"}.items():
        shown = shown.replace(sign, written)
    assert [c for c in shown if c not in "_ "] == [c for c in text if c not in "_ "]


def test_unread_mathematics_is_code() -> None:
    assert html_of("the letter \\alpha of LaTeX") == "the letter <code>\\alpha</code> of LaTeX"
    assert html_of("a matrix A_{} of nothing") == "a matrix <var>A</var><code>_{}</code> of nothing"


@pytest.mark.parametrize(
    ("unit", "count"),
    [("(", 300), ("||", 300), ("a_{", 300), ("|a ||b ", 40), ("<a, ", 100), ("sum ", 300), ("-", 300)]
)
def test_nesting_and_length_cost_what_they_are_long(unit: str, count: int) -> None:
    """Twice as long, a text takes about twice the calls; four times as many would be the square."""

    def read(text: str) -> None:
        assert "".join(piece.text for piece in pieces(text)) == text
        ElementTree.fromstring(f"<p>{html_of(text)}</p>")

    assert calls(read, unit * 2 * count) < 3 * calls(read, unit * count)


def calls(function: Callable[[str], None], text: str) -> int:
    """How many calls a run of a function makes."""
    profile = cProfile.Profile()
    profile.runcall(function, text)
    return sum(entry.callcount for entry in profile.getstats())


def test_hostile_text_is_escaped() -> None:
    made = html_of("<script>alert(1)</script> & A_{<b>} <= \"B\" 'C' `<i>`")
    ElementTree.fromstring(f"<p>{made}</p>")
    assert "<script" not in made
    assert "<i>" not in made
    assert "<b>" not in made


# the catalogue ------------------------------------------------------------------------------------------------------


def _texts() -> dict[str, None]:
    found: dict[str, None] = {}
    for claim in CLAIMS:
        for part in blocks(claim.text):
            if isinstance(part, str):
                found[part] = None
            elif isinstance(part[0], Section):
                found |= dict.fromkeys(section.text for section in part if isinstance(section, Section))
        found |= dict.fromkeys((claim.reason, *claim.hypotheses))
    return found


def test_the_catalogue_is_read() -> None:
    """At least 99% of the pieces that look like a formula parse, and no text loses a word."""
    read = unread = 0
    for text in _texts():
        found = pieces(text)
        assert "".join(piece.text for piece in found) == text
        read += sum(piece.kind == "formula" for piece in found)
        unread += sum(piece.kind == "unread" for piece in found)
        ElementTree.fromstring(f"<p>{html_of(text)}</p>")
    assert read > 2000
    assert unread <= read / 100


# docstrings ---------------------------------------------------------------------------------------------------------


def test_a_docstring_has_paragraphs_sections_and_tables() -> None:
    text = """Lemma: A = B.

    Family: any.

        n = 2   52%
        n = 3   17%

    Hypotheses    A is m x n;
                  B as well
    Conclusion    A = B
    """
    lines = [line[4:] if line.startswith("    ") else line for line in text.splitlines()]
    assert blocks("\n".join(lines)) == [
        "Lemma: A = B.",
        "Family: any.",
        ["n = 2   52%", "n = 3   17%"],
        [Section("Hypotheses", "A is m x n; B as well"), Section("Conclusion", "A = B")],
    ]


def test_a_relation_behind_a_colon_is_set_on_its_own_line() -> None:
    assert whole_formula("tr(AB) = tr(BA).") is not None
    assert whole_formula("tr(AB) = tr(BA) for all A") is None
    made = paragraph("Equation (1), fourth line: tr(AB) = tr(BA).")
    assert made.startswith("<p>Equation (1), fourth line:</p>")
    assert 'display="block"' in made
