"""ReLU networks: Sections 2 and E."""
