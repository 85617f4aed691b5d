"""How the claims of this topic are attacked."""
