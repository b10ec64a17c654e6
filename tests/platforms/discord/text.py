"""Discord's markdown, read as its apps read it: what is shown, and what in it is alive.

After https://support.discord.com/hc/en-us/articles/210298617 and what the apps do.
"""

import re
from dataclasses import dataclass, field

_LEAD = re.compile(r"(?m)^\s*(?:#{1,3} |-# |> |>>> |[-+*] |\d+\. )")
_ALIVE = re.compile(
    r"<(?:@[!&]?\d+|#\d+|a?:\w+:\d+|t:-?\d+(?::\w)?|/[^:>]+:\d+|id:\w+|https?://[^ >]+)>|@everyone|@here|https?://[^\s<]+"
    r"|(?i:discord(?:\.(?:gg|gift|new)|(?:app)?\.com/(?:invite|gifts|template)))/\w+"
)
_LINK = re.compile(r"\[((?:\\.|[^\[\]\\])*)\]\((https?://[^\s()<>]+)\)", re.DOTALL)
_STYLES = {"**": "bold", "~~": "strike", "__": "underline", "||": "spoiler", "*": "italic", "_": "italic"}


@dataclass(slots=True)
class Shown:
    """What a person sees; `alive` is what can be pressed or wakes somebody, links that were meant apart."""

    text: str = ""
    styles: list[tuple[str, str]] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    alive: list[str] = field(default_factory=list)

    def styled(self, style: str) -> list[str]:
        return [text for name, text in self.styles if name == style]


def read(markdown: str) -> Shown:
    """A text of an embed."""
    shown = Shown()
    _read(markdown, shown)
    shown.text = shown.text.replace("\u200b", "")
    return shown


def _read(markdown: str, shown: Shown) -> None:
    open_styles: list[tuple[str, int]] = []
    at = 0
    while at < len(markdown):
        rest = markdown[at:]
        if (at == 0 or markdown[at - 1] == "\n") and (lead := _LEAD.match(rest)):
            shown.alive.append(lead.group())
        if rest[0] == "\\" and len(rest) > 1 and not rest[1].isalnum() and not rest[1].isspace():
            shown.text += rest[1]
            at += 2
        elif code := _code(rest):
            shown.text += code[1]
            shown.styles.append((code[0], code[1].replace("\u200b", "")))
            at += code[2]
        elif rest[0] == "[" and (link := _LINK.match(rest)):
            start = len(shown.text)
            _read(link.group(1), shown)
            shown.links.append((shown.text[start:].replace("\u200b", ""), link.group(2)))
            at += link.end()
        elif alive := _ALIVE.match(rest):
            shown.alive.append(alive.group())
            shown.text += alive.group()
            at += alive.end()
        else:
            mark = _mark(rest, open_styles[-1][0] if open_styles else "")
            if mark is None:
                shown.text += rest[0]
            elif open_styles and open_styles[-1][0] == mark:
                _, start = open_styles.pop()
                shown.styles.append((_STYLES[mark], shown.text[start:].replace("\u200b", "")))
            else:
                open_styles.append((mark, len(shown.text)))
            at += len(mark or rest[0])
    assert not open_styles, f"a style is never closed: {open_styles} in {markdown!r}"


def _mark(rest: str, opened: str) -> str | None:
    """The mark of a style that begins or ends here: one that ends what was opened last goes first."""
    if opened and rest.startswith(opened) and not (rest.startswith(opened * 2) and not rest.startswith(opened * 3)):
        return opened
    return next((mark for mark in _STYLES if rest.startswith(mark)), None)


def _code(rest: str) -> tuple[str, str, int] | None:
    """The kind of code that begins here, what it shows, and how long it is."""
    if block := re.match(r"```(?:\w*\n)?(.+?)\n*```", rest, re.DOTALL):
        return "pre", block.group(1), block.end()
    if inline := re.match(r"(`+)(.*?[^`])\1(?!`)", rest, re.DOTALL):
        text = re.sub(r"^ (?= *`)|(` *) $", lambda found: found.group(1) or "", inline.group(2))
        return "code", text, inline.end()
    return None
