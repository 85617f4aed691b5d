"""How the claims of this text are attacked."""

from theorems.strategies.texts.ours.cases import CASES

__all__ = ["CASES"]
