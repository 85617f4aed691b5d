"""Transformers: Sections 3 and F."""
