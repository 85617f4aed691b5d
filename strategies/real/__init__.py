"""Real weights."""
