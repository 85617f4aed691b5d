"""The trial, and the tests of our own tools."""
