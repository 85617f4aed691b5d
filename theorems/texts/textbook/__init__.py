"""Section 11.2 of a textbook on large models: a module a topic."""
