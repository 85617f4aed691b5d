"""Singular values, energy, effective rank, decay."""
