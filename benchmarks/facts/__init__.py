"""True statements beside those of `benchmarks.errata`: none may be refuted, accused or stay undecided.

theorems hunt benchmarks/facts/products.py
"""
