"""How the claims of this text are attacked.

Every hypothesis of the text stands in its statements: no law that a strategy draws is one.
"""

from theorems.strategies.cases import Cases
from theorems.strategies.recipes import opened
from theorems.strategies.texts.textbook.spectra import cases as spectra
from theorems.strategies.texts.textbook.training import cases as training

CASES: Cases = {key: opened(strategy) for key, strategy in {**spectra.CASES, **training.CASES}.items()}
