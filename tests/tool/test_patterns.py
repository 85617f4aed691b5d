"""PEFT's patterns: the same names as Python's `re` takes, and no pattern that makes us wait."""

from __future__ import annotations

import random
import re
from contextlib import suppress

import pytest

from theorems.errors import InputError
from theorems.weights import patterns
from theorems.weights.patterns import Patterns


def as_peft(pattern: str, name: str) -> bool:
    return re.match(rf"(.*\.)?({pattern})$", name) is not None


PEFTS = (
    "q_proj", "layers.0.q_proj", "layers\\.0\\.q_proj", "^model\\.layers\\.[0-9]+\\.(q|k)_proj", ".*\\.mlp\\..*",
    "model.layers.(1[6-9]|2[0-3]).self_attn.(?:q|v)_proj$", "layers\\.\\d{1,2}\\.\\w+", "[^.]*_proj", "(a|ab)(c|bcd)?",
    "(a*)*b", "x{2}", "x{,2}y", "x{1,}?", "[]a-]+", "[^]]", "a|^b|c$", "", "|a", "a-b", "é.", "\\S\\D\\W",
)  # fmt: skip
NAMES = (
    "q_proj", "model.layers.0.q_proj", "model.layers.10.k_proj", "model.layers.17.self_attn.v_proj", "layersX0.q_proj",
    "xq_proj", "a", "b", "ab", "abcd", "aab", "aaaa", "xx", "yy.xx", "y", "xy", "xxy", "", ".", "a.b.c", "a-b", "]-a",
    "model.mlp.up", "mlp", "m.mlp.", "éa", "a,.", "c.b", "b.c",
)  # fmt: skip


@pytest.mark.parametrize("pattern", PEFTS)
def test_the_names_that_peft_matches(pattern: str) -> None:
    for name in NAMES:
        assert (Patterns([pattern]).first(name) is not None) == as_peft(pattern, name), name


def drawn(words: random.Random, depth: int) -> str:
    """A random expression over a few letters and dots."""
    kind = words.randrange(8 if depth else 3)
    if kind < 2:
        return words.choice(["a", "b", "\\.", ".", "[ab]", "[^a]", "\\d", "\\w"])
    if kind == 2:
        return words.choice(["^", "$", "a", "1"])
    inner = drawn(words, depth - 1)
    if kind == 3:
        return f"({inner}|{drawn(words, depth - 1)})"
    if kind < 6:
        return inner + drawn(words, depth - 1)
    return f"(?:{inner}){words.choice(['*', '+', '?', '{2}', '{1,2}', '{,1}', '*?', '+?'])}"


def test_random_expressions_match_as_in_re() -> None:
    words = random.Random(0)
    matched = 0
    for _ in range(1500):
        pattern = drawn(words, 4)
        made = Patterns([pattern])
        for _ in range(6):
            name = "".join(words.choices("ab.1", k=words.randrange(7)))
            expected = as_peft(pattern, name)
            matched += expected
            assert (made.first(name) is not None) == expected, (pattern, name)
    assert 1000 < matched < 8000


def test_the_first_pattern_counts() -> None:
    assert Patterns(["b", "a", ".*"]).first("x.a") == "a"
    assert Patterns(["a"]).first("b") is None


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("a{99999999999999}", "a count is none, or above 1000"),
        ("(((a{1000}){1000}){1000})", "a pattern repeats too much"),
        ("((((){1000}){1000}){1000}){1000}", "a pattern repeats too much"),
        ("(" * 5000 + ")" * 5000, "has more than 1000 characters"),
        ("(" * 50 + ")" * 50, "groups are nested more than 20 deep"),
        ("(?i)L", "groups with (? are flags or look elsewhere"),
        ("(?=a)", "groups with (? are flags"),
        ("(?P<n>a)", "groups with (? are flags"),
        ("(a)\\1", "it has \\\\1"),
        ("a\\b", "it has \\\\b"),
        ("a**", "a repeat is repeated"),
        ("a*+", "a repeat is repeated"),
        ("*a", "there is nothing for * to repeat"),
        ("(a", "a ( is not closed"),
        ("a)", "a ) closes nothing"),
        ("[a", "a [ is not ended"),
        ("a\\", "an escape is not ended"),
        ("[z-a]", "z-a is no range"),
        ("a{x}", "a { is no count"),
        ("a{3,2}", "a count ends before it begins"),
        ("a{}", "a count is none"),
    ],
)
def test_what_is_not_read_is_said_in_one_line(pattern: str, why: str) -> None:
    with pytest.raises(InputError) as error:
        Patterns([pattern])
    assert why.replace("\\\\", "\\") in str(error.value)
    assert len(str(error.value)) < 200
    assert str(error.value).isprintable()


@pytest.mark.parametrize("pattern", ["([a-z_.0-9]+)+!", "(a|a)*b", "(a*)*(a*)*(a*)*b", "(a?){500}a{500}", "(.*.*.*)*!"])
def test_no_pattern_makes_us_wait(pattern: str) -> None:
    names = [f"model.layers.{number}.self_attn.q_proj" for number in range(200)] + ["a" * 1000]
    made = Patterns([pattern])
    with suppress(InputError):  # of the one that is really large
        for name in names:
            assert made.first(name) is None or pattern.endswith("500}")
    assert made._steps <= 2 * patterns.MAX_STEPS
    with pytest.raises(InputError, match="more than 1000 characters"):
        made.first("a" * 1001)
