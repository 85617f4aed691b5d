"""Adapters for every target in reach, accurately (`theorems.adapters`)."""
