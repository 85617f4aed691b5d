"""A user's own weights: the change between two checkpoints, its certified errors by rank, and adapters for it."""
