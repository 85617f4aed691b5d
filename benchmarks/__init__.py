"""Benchmarks: ``python -m benchmarks`` prints how fast the checker is, as ratios measured inside one run.

The sides of a ratio take turns (A B A B ...), each on one thread, and the medians are over the turns: what the machine
does meanwhile hits both sides.
"""
