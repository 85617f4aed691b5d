"""Commands that this text brings."""
