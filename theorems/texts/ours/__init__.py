"""Claims of our own: adapters for every target in reach, the midpoint flag."""
