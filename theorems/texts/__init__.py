"""The texts whose claims ship with this package; the tool knows none of them."""
