"""Gradient dynamics, curvature, noise."""
