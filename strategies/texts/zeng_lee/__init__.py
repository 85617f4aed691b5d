"""How the claims of this text are attacked.

Every hypothesis of the text stands in its statements: no law that a strategy draws is one.
"""

from theorems.strategies.cases import Cases
from theorems.strategies.recipes import opened
from theorems.strategies.texts.zeng_lee.experiments import cases as experiments
from theorems.strategies.texts.zeng_lee.linear import cases as linear
from theorems.strategies.texts.zeng_lee.relu import cases as relu
from theorems.strategies.texts.zeng_lee.transformer import cases as transformer

_DRAWN = {**linear.CASES, **relu.CASES, **transformer.CASES, **experiments.CASES}
CASES: Cases = {key: opened(strategy) for key, strategy in _DRAWN.items()}
