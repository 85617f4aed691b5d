"""The cases of a text, at the same path as its claims."""
