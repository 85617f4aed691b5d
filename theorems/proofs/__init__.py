"""Proofs of what claims conclude, at named shapes: techniques, certificates, and their replay."""
