"""The words and signs of plain-text mathematics: "sigma_{r+1}(E) <= ||W||_F for r = 0..D".

Nothing is lost: the tokens of a text, with the blanks between them, are the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

#: Lower case as people write them; a name of one letter needs no entry.
GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "eps": "ε", "epsilon": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ",
    "tau": "τ", "phi": "φ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ",
    "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω", "ell": "ℓ", "infinity": "∞", "infty": "∞",
    "grad": "∇",
}  # fmt: skip

#: Functions: upright, with an argument in parentheses or just behind.
FUNCTIONS = frozenset(
    ("rank", "tr", "trace", "diag", "det", "max", "min", "softmax", "sigmoid", "ReLU", "ceil", "floor", "sqrt", "log",
     "exp", "sin", "cos", "tan", "sinh", "cosh", "tanh", "Cov", "Var", "dim", "span", "arg", "argmax", "argmin",
     "range", "vec", "risk", "Cost", "LR", "inf", "sup", "eff-rank")
)  # fmt: skip
#: Operators with a range below them.
BIG = {"sum": "∑", "prod": "∏"}
#: Words that stand for a number or a matrix beside an operator or within brackets, and never begin a formula.
OPERANDS = frozenset(
    ("target", "competitor", "tail", "threshold", "bound", "price", "upper", "lower", "unit", "codes", "code",
     "misalignment", "error", "estimate", "truth")
)  # fmt: skip
#: Names of more than one letter.
NAMES = frozenset({"Res"})
#: Products that the texts write without a blank.
PRODUCTS = frozenset(("AB", "BA", "RL", "RM", "Rl", "Fn", "DL", "RD"))

RELATIONS = {
    "<=": "≤", ">=": "≥", "!=": "≠", "==": "=", "<": "<", ">": ">", "=": "=", "~": "∼", "->": "→", "<-": "←", "=>": "⇒",
    "<=>": "⇔", ":=": "≔", "=:": "≕", "+=": "+=", "in": "∈", "subset": "⊂",
}  # fmt: skip
SIGNS = {"+": "+", "-": "−", "+-": "±", "/": "/", "*": "·", "(x)": "⊗", "x": "×", "o": "∘", ".": "·", "^": "∧"}

MARKS = {"bar": "¯", "hat": "^", "tilde": "~"}

_PATTERNS = (
    ("blank", r"\s+"),
    ("code", r"`[^`\n]+`"),
    ("quote", r"\"|(?<![\w)\]}'^_*])'(?=\S)"),  # the beginning of a quotation
    ("dots", r"\.\.\."),
    ("range", r"\.\.(?=\S)"),
    ("word", r"\d+(?:\.\d+)?%|\d+(?:\.\d+)?-\d+(?:\.\d+)?%?|\d+(?:-[A-Za-z]+)+|\d+(?:st|nd|rd|th)\b"),
    ("number", r"\d+(?:\.\d+)?e[-+]?\d+\b|\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"),
    ("relation", r"<=>|<->|->|<-(?!\d)|=>|:=|=:|\+=|<=|>=|!=|==|[<>=~]"),
    ("accent", r"[A-Za-z]-(?:bar|hat|tilde)(?![A-Za-z])"),
    ("accent", r"(?:[ABD-SU-VX-Z]|[CTW](?!hat(?![_^]))|[bdfghkmnpqruvxyz])(?:bar|hat|tilde)(?![A-Za-z])"),
    ("name", r"eff-rank"),
    ("word", r"(?:[A-Za-z]{2,}(?:-[A-Za-z]+)+|[A-Za-z](?:-[A-Za-z]{2,})+)(?:'s)?|[A-Za-z]{2,}'(?:s|t)\b"),
    ("name", r"[A-Za-z]+"),
    ("sub", r"(?<=[\w)\]}'|])_(?:[A-Za-z0-9]+|\*)"),
    ("script", r"[_^]"),
    ("prime", r"'+"),
    ("bars", r"\|\||\|"),
    ("sign", r"\(x\)(?= [A-Z])|\+-|[-+*/]"),
    ("open", r"[(\[{]"),
    ("close", r"[)\]}]"),
    ("comma", r"[,;:]"),
    ("other", r"."),
)
_TOKEN = re.compile("|".join(f"(?P<{name}{i}>{pattern})" for i, (name, pattern) in enumerate(_PATTERNS)), re.DOTALL)
_SIZE = re.compile(r"(?:[mndDkhrRNpqsLM]|\d+(?:\.\d+)?|\d*[A-Za-z]-bar)$")


@dataclass(frozen=True)
class Token:
    """A piece of text.

    kind   "code", "quote", "dots", "range", "number", "relation", "accent", "word", "name", "function", "big", "sub",
           "script", "prime", "bars", "sign", "open", "close", "comma" or "other"
    text   as written
    start  its place in the text
    gap    whether there is a blank (or the beginning) before it
    after  whether there is a blank (or the end) after it
    """

    kind: str
    text: str
    start: int
    gap: bool
    after: bool

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def tokens(text: str) -> list[Token]:
    """The tokens of a text, without the blanks."""
    found: list[Token] = []
    gap = True
    quoted = False
    for match in _TOKEN.finditer(text):
        kind = (match.lastgroup or "other").rstrip("0123456789")
        if kind == "blank":
            gap = True
            continue
        piece = match[0]
        after = match.end() == len(text) or text[match.end()].isspace()
        closes = match.end() == len(text) or not (text[match.end()].isalnum() or text[match.end()] in "_^(|'")
        if kind == "quote" and piece == "'":
            quoted = True
        elif kind == "prime" and quoted and piece == "'" and closes:
            kind, quoted = "quote", False
        if kind == "name":
            found += _named(piece, match.start(), gap, after, text)
        else:
            found.append(Token(kind, piece, match.start(), gap, after))
        gap = kind == "quote"
    return [_settled(found, i) for i in range(len(found))]


def _named(piece: str, start: int, gap: bool, after: bool, text: str) -> list[Token]:
    """A run of letters: a name, a function, a word, or a product of names written without a blank."""
    following = text[start + len(piece) : start + len(piece) + 1]
    if piece in PRODUCTS or re.fullmatch("d[A-Z]", piece):
        letters = enumerate(piece)
        last = len(piece) - 1
        return [Token("name", c, start + i, gap and i == 0, after and i == last) for i, c in letters]
    if len(piece) == 1 or piece in GREEK or piece in NAMES:
        return [Token("name", piece, start, gap, after)]
    for kind, known in (("function", FUNCTIONS), ("big", BIG)):
        if piece in known:
            return [Token(kind, piece, start, gap, after)]
    if piece in ("in", "subset"):
        return [Token("relation", piece, start, gap, after)]
    return [Token("name" if following == "_" else "word", piece, start, gap, after)]


def _settled(found: list[Token], i: int) -> Token:
    """The token, or the sign that it is between its neighbours: "m x n", "w . x", "f_2 o f_1", "R ^ S"."""
    token = found[i]
    before = found[i - 1] if i else None
    behind = found[i + 1] if i + 1 < len(found) else None
    if before is None or behind is None or not (token.gap and token.after):
        return token
    is_sign = (
        (token.text == "x" and (before.text in OPERANDS or _SIZE.match(before.text))
         and (_SIZE.match(behind.text) or (before.kind == "number" and behind.kind == "word")))
        or (token.text == "o" and "..." in (before.text, behind.text))
        or (token.text == "." and behind.kind == "name" and before.kind in ("name", "sub"))
        or token.text == "^"
    )  # fmt: skip
    return Token("sign", token.text, token.start, True, True) if is_sign else token
