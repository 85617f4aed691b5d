"""How the claims of this text are attacked."""

from theorems.strategies.cases import Cases
from theorems.strategies.recipes import opened
from theorems.strategies.texts.textbook.spectra import cases as spectra
from theorems.strategies.texts.textbook.training import cases as training

CASES: Cases = opened({**spectra.CASES, **training.CASES})
