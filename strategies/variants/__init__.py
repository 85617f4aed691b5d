"""False variants of the claims that stand: what a careful author might have written instead.

A variant is the claim with one slip: a step of its statement changed as it is yielded (`steps`), a hypothesis not
asked, or one expression of its code replaced by another (`edits`, `rewriting`).  Nothing of a statement is written
twice.  `slips` proposes variants of a claim; `planting` holds the chosen ones, false every one.
"""

from theorems.strategies.variants.planting import planted
from theorems.strategies.variants.variant import Variant, varied

__all__ = ["Variant", "planted", "varied"]
