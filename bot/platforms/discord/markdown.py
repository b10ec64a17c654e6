"""Discord's markdown, in which nothing that somebody else wrote has a meaning. Pure.

A backslash takes the meaning of any sign behind it
(https://support.discord.com/hc/en-us/articles/210298617).
"""

import re
from collections.abc import Callable, Sequence
from urllib.parse import quote, urlsplit

from bot.core.message.blocks import Block, Role, Run, join_blocks

# https://docs.discord.com/developers/resources/message#embed-object-embed-structure; Discord takes some more, not all.
LONGEST_URL = 2000

_BOLD_ROLES = frozenset({Role.TITLE, Role.HEADING})
# Signs with a meaning anywhere: emphasis, code, spoilers, links, mentions.
_INLINE = re.compile(r"[\\*_~`|\[\]()<>]")
# Those that only mean something where a line begins: headings, small print, lists, quotes.
_LEADING = re.compile(r"(?m)^(\s*)([#+-]|\d+(?=\.))")
# Addresses, and Discord's own without a scheme, become links (invites, gifts, templates); these two wake everybody.
_ADDRESS = re.compile(r"(?i)(\w):(?=//)|@(?=everyone|here)|(?:(?<=discord)|(?<=discordapp))\.(?=\w)")
_TICK_BEFORE_TICK = re.compile(r"`(?=`)")
_MARKS = frozenset("*~`")
_WHITE = re.compile(r"[^\S\n]|\n")
# What may stand in an address as it is; `()<>` would end the link, and `%` is left where it escapes already.
_SAFE_IN_URL = "%/:?#@!$&'*+,;=~-._[]"


def escaped(text: str) -> str:
    """A text that reads on Discord as it stands here."""
    text = _INLINE.sub(r"\\\g<0>", text)
    text = _ADDRESS.sub(lambda found: f"{found[0][:-1]}\\{found[0][-1]}", text)
    return _LEADING.sub(
        lambda found: f"{found[1]}{found[2]}\\" if found[2].isdigit() else f"{found[1]}\\{found[2]}", text
    )


def markdown_of(blocks: Sequence[Block]) -> str:
    """The blocks as a text of several paragraphs."""
    texts: list[tuple[Role, str]] = []
    for block in blocks:
        if block.role is Role.CODE:
            texts.append((block.role, f"```\n{_without_fences(block.text)}\n```"))
        else:
            texts.append((block.role, markdown_of_runs(block.runs, heavy=block.role in _BOLD_ROLES)))
    return join_blocks(tuple(texts))


def markdown_of_runs(runs: Sequence[Run], *, heavy: bool = False, is_title: bool = False) -> str:
    """The runs, one behind another; titles are heavy by themselves, and are links only as a whole."""
    markdown = ""
    for run in runs:
        more = _markdown_of_run(run, heavy=heavy, is_title=is_title)
        # Marks that end one style and begin the next would be read as one longer mark.
        touches = markdown[-1:] in _MARKS and more[:1] in _MARKS
        markdown += f"\u200b{more}" if markdown and more and touches else more
    return markdown


def address_of(url: str) -> str | None:
    """The address as Discord takes it, or None where it is none: http or https, with a host, not too long."""
    try:
        has_host = bool(urlsplit(url).hostname)
    except ValueError:
        return None
    address = quote(url, safe=_SAFE_IN_URL, errors="replace")
    is_web = url.lower().startswith(("http://", "https://"))
    return address if has_host and is_web and len(address) <= LONGEST_URL else None


def cut(text: str, limit: int, length: Callable[[str], int], shown: Callable[[str], str] = lambda text: text) -> str:
    """The text as it is `shown`, with an ellipsis where it would be longer than the limit by this `length`."""
    if length(text) <= limit:
        return shown(text)
    least, most = 0, len(text)
    while least < most:
        middle = (least + most + 1) // 2
        if length(text[:middle] + "…") <= limit:
            least = middle
        else:
            most = middle - 1
    return shown(text[:least].rstrip() + "…")


def _markdown_of_run(run: Run, *, heavy: bool, is_title: bool) -> str:
    text = _WHITE.sub(" ", run.text)
    core = text.strip()
    if not core:
        return text
    address = address_of(run.url) if run.url and not is_title else None
    is_bold = (run.bold or heavy) and not is_title
    if run.code and not address:
        marked = _code(core)
    else:
        marked = escaped(core)
        for mark, wanted in (("~~", run.strike), ("*", run.italic), ("**", is_bold)):
            marked = f"{mark}{marked}{mark}" if wanted else marked
    if address:
        marked = f"[{marked}]({address})"
    # Marks of emphasis must touch the words.
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return before + marked + after


def _code(text: str) -> str:
    """Within code nothing has a meaning but as many ticks as began it; three would begin a paragraph of code."""
    text = _without_fences(text)
    fence = "``" if "`" in text else "`"
    # A space that touches a tick is not shown.
    before, after = " " * text.startswith("`"), " " * text.endswith("`")
    return f"{fence}{before}{text}{after}{fence}"


def _without_fences(text: str) -> str:
    """A mark of no width keeps ticks from being counted together."""
    return _TICK_BEFORE_TICK.sub("`\u200b", text)
