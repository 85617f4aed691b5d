"""How the claims of this text are attacked.

Every hypothesis of the text stands in its statements: no law that a strategy draws is one.
"""

from theorems.strategies.cases import Cases
from theorems.strategies.recipes import opened
from theorems.strategies.texts.ours import cases

CASES: Cases = {key: opened(strategy) for key, strategy in cases.CASES.items()}
