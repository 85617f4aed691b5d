"""The report as HTML: one self-contained page, or a folder of them: `theorems report --html OUT`.

The statements are plain text; `formulas` reads the mathematics in them, `mathml` sets it.
"""

from theorems.page.document import page, pages

__all__ = ["page", "pages"]
