"""How the claims of this text are attacked."""

from theorems.strategies.cases import Cases
from theorems.strategies.recipes import opened
from theorems.strategies.texts.zeng_lee.experiments import cases as experiments
from theorems.strategies.texts.zeng_lee.linear import cases as linear
from theorems.strategies.texts.zeng_lee.relu import cases as relu
from theorems.strategies.texts.zeng_lee.transformer import cases as transformer

CASES: Cases = opened({**linear.CASES, **relu.CASES, **transformer.CASES, **experiments.CASES})
