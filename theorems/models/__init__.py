"""Models as the texts define them, and the cases made of them."""
