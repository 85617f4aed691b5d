"""What people remember of matrices, and what is so."""
