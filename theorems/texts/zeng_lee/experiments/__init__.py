"""Appendix G: the training runs, their curves, and the claims on them."""
