"""Notations, linear models (Appendices B, D, I), the parameter count."""
