"""Look at a page as a browser parses it: its text, its elements, its forms."""

from html.parser import HTMLParser

Attributes = dict[str, str | None]


class Look(HTMLParser):
    """The elements of a page in order, and its text with single spaces."""

    def __init__(self, html: str) -> None:
        """Parse it."""
        super().__init__()
        self.html = html
        self.elements: list[tuple[str, Attributes]] = []
        self._words: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element."""
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Keep text."""
        self._words.append(data)

    @property
    def text(self) -> str:
        """Return the text."""
        return " ".join(" ".join(self._words).split())

    def all(self, tag: str) -> list[Attributes]:
        """Return the attributes of each element of a kind."""
        return [attributes for name, attributes in self.elements if name == tag]

    def field(self, name: str) -> str:
        """Return the value of the first field of a name."""
        return next(str(a.get("value") or "") for a in self.all("input") if a.get("name") == name)

    @property
    def actions(self) -> set[str]:
        """Return what the page's forms do: the last part of each address."""
        return {str(form["action"]).rpartition("/")[2] for form in self.all("form")}

    @property
    def links(self) -> list[str]:
        """Return where the page leads."""
        return [str(a["href"]) for a in self.all("a")]
