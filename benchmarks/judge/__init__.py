"""Attacks on the judge itself: ``python -m benchmarks.judge`` prints how many there were, and how many it got wrong.

They stand beside the benchmarks, for they measure the checker and are no part of it: wheels do not ship them, the tests
run the same attacks at a small size, and the long form takes minutes.
"""
