"""An HTML page as its tests see it: balanced tags, ids, links, headings, controls, text."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

_LOADED = ("src", "href", "action", "data", "poster", "srcset")
VOID = frozenset(("meta", "input", "br", "wbr", "link", "img", "hr", "mspace"))
#: Elements whose end tag may be left out, and what begins or ends them then (HTML, 13.1.2.4).
IMPLIED = {
    "li": {"li"}, "dt": {"dt", "dd"}, "dd": {"dt", "dd"}, "td": {"td", "tr"}, "tr": {"tr"},
    "p": {
        "article", "details", "div", "dl", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header",
        "main", "nav", "ol", "p", "pre", "section", "table", "ul",
    },
}  # fmt: skip


@dataclass
class Outline:
    """What stands on a page.

    ids       of the elements;  links     the targets of the links;  headings  (level, text)
    claims    the ids of the claims;  addresses  every value of an attribute that a browser would load
    tags      their names;  problems  what is not in order;  text  all text but styles and scripts
    """

    ids: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    headings: list[tuple[int, str]] = field(default_factory=list)
    claims: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    tags: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    text: str = ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found = Outline()
        self.open: list[str] = []
        self.texts: list[str] = []
        self.heading: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        while self.open and tag in IMPLIED.get(self.open[-1], ()):
            self.open.pop()
        found = self.found
        found.tags.add(tag)
        found.problems += [f"<{tag}> has {name}" for name in values if name.startswith("on")]
        if "id" in values:
            found.ids.append(values["id"])
        if tag == "a":
            found.links.append(values.get("href", ""))
        if tag == "details" and "claim" in values.get("class", "").split():
            found.claims.append(values["id"])
        found.addresses += [values[name] for name in _LOADED if name in values]
        if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            self.heading = ""
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open[-1] in IMPLIED and self.open[-1] != tag:
            self.open.pop()
        if not self.open or self.open[-1] != tag:
            self.found.problems.append(f"</{tag}> closes <{self.open[-1] if self.open else ''}>")
            return
        self.open.pop()
        if self.heading is not None and len(tag) == 2 and tag[0] == "h":
            self.found.headings.append((int(tag[1]), self.heading))
            self.heading = None

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.texts.append(data)
        if self.heading is not None:
            self.heading += data


def outline(page: str) -> Outline:
    """The outline of a page; `problems` says what is not in order."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    found = reader.found
    found.text = "".join(reader.texts)
    found.problems += [f"<{tag}> is not closed" for tag in reader.open]
    found.problems += [f"id {name} twice" for name, count in Counter(found.ids).items() if count > 1]
    return found
