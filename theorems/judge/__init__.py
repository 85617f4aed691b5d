"""One run of a statement; what is stored, and its replay."""
