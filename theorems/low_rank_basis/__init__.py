"""The textbook section 11.2: the mathematical basis of low-rank approximation in large models."""
