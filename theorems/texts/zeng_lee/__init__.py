"""Zeng and Lee, The Expressive Power of Low-Rank Adaptation: a module a topic."""
