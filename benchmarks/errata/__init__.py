"""Eighty false claims as they stand in lists of errata and in exams: of matrices, vectors, chance, derivatives, counts.

theorems hunt benchmarks/errata/products.py
"""
