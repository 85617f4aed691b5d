"""Many claims attacked by many processes, with a journal: what commands, pytest and clusters share."""
