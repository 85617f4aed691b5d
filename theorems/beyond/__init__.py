"""Beyond the two texts: adapters for every target in reach, accurately, and the claims that say so (source `ours`)."""
