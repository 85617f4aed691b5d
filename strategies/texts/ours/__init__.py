"""How the claims of this text are attacked."""

from theorems.strategies.cases import Cases
from theorems.strategies.recipes import opened
from theorems.strategies.texts.ours import cases

CASES: Cases = opened(cases.CASES)
