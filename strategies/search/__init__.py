"""The search: draw, attack in batches, convict exactly, shrink."""
