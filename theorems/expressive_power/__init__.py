"""Zeng and Lee, The Expressive Power of Low-Rank Adaptation: one module a section."""
