"""Recipes of models: linear, ReLU networks, Transformers."""
