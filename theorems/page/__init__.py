"""The report as one self-contained page of HTML: `theorems report --html OUT`.

The statements are plain text; `formulas` reads the mathematics in them, `mathml` sets it.
"""

from theorems.page.document import page

__all__ = ["page"]
