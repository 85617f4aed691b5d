"""LoRA: its set, its counts, its training, its variants."""
