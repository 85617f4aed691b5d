"""A user's own checkpoints: certified singular values and low-rank errors of what changed; adapters of it."""

from theorems.weights.measure import Measured, measure

__all__ = ["Measured", "measure"]
