"""Integers and rationals that remember how they were made, for the text of a theorem."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from theorems.arithmetic.fractions_ import Fractions


def number_text(q: Fraction) -> str:
    """A rational number as Coq writes it."""
    top = f"({q.numerator})" if q.numerator < 0 else str(q.numerator)
    return top if q.denominator == 1 else f"({top} / {q.denominator})"


class Counted(int):
    """An integer that remembers how it was made, for the text of a theorem."""

    text: str

    def __new__(cls, value: int, text: str) -> Counted:
        number = super().__new__(cls, value)
        number.text = text
        return number


def _operator(name: str, sign: str) -> None:
    plain = getattr(int, name)
    reverse = getattr(int, name.replace("__", "__r", 1))

    def forward(self: Counted, other: Any) -> Any:
        value = plain(self, other)
        return value if value is NotImplemented else Counted(value, f"({self.text} {sign} {integer_text(other)})")

    def backward(self: Counted, other: Any) -> Any:
        value = reverse(self, other)
        return value if value is NotImplemented else Counted(value, f"({integer_text(other)} {sign} {self.text})")

    setattr(Counted, name, forward)
    setattr(Counted, name.replace("__", "__r", 1), backward)


for _name, _sign in (("__add__", "+"), ("__sub__", "-"), ("__mul__", "*"), ("__floordiv__", "/"), ("__mod__", "mod")):
    _operator(_name, _sign)


def integer_text(number: Any) -> str:
    """An integer as it was made."""
    return number.text if isinstance(number, Counted) else f"({int(number)})"


class Labelled(Fraction):
    """A rational number that remembers how it was made."""

    text: str

    @classmethod
    def of(cls, value: Fraction, text: str) -> Labelled:
        """The number with its text."""
        number = cls(value)
        number.text = text
        return number


def _labelled(name: str, sign: str) -> None:
    plain = getattr(Fraction, name)
    reverse = getattr(Fraction, name.replace("__", "__r", 1))

    def forward(self: Labelled, other: Any) -> Any:
        if not isinstance(other, int | Fraction):
            return NotImplemented
        value = plain(Fraction(self), Fraction(other))
        return Labelled.of(value, f"({self.text} {sign} {real_text(other)})")

    def backward(self: Labelled, other: Any) -> Any:
        if not isinstance(other, int | Fraction):
            return NotImplemented
        value = reverse(Fraction(self), Fraction(other))
        return Labelled.of(value, f"({real_text(other)} {sign} {self.text})")

    setattr(Labelled, name, forward)
    setattr(Labelled, name.replace("__", "__r", 1), backward)


for _name, _sign in (("__add__", "+"), ("__sub__", "-"), ("__mul__", "*"), ("__truediv__", "/")):
    _labelled(_name, _sign)


def real_text(number: Any) -> str:
    """A number as it was made, over the reals."""
    if isinstance(number, Labelled):
        return number.text
    return f"IZR ({integer_text(number)})%Z" if isinstance(number, int) else number_text(Fraction(number))


class Labels(Fractions):
    """Fractions whose numbers remember how they were made."""

    def entry(self, value: Fraction) -> Fraction:
        return Labelled.of(value, number_text(value))

    def number(self, p: int, q: int = 1) -> Any:
        return Labelled.of(
            Fraction(p, q), f"(IZR ({integer_text(p)})%Z / IZR ({integer_text(q)})%Z)" if q != 1 else real_text(p)
        )
