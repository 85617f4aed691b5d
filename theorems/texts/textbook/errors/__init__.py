"""Errors of layers, Rademacher complexity, trade-offs."""
