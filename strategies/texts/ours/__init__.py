"""How the claims of this text are attacked."""
