"""Things to test with, from a few keywords; every outlet and event here is invented."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.core.intake.items import digest
from bot.core.language.text import words_of
from bot.core.model import (
    Chat,
    Item,
    ItemId,
    Level,
    MessageKind,
    PublisherKind,
    Relevance,
    SentAlert,
    ShownHeadline,
    Side,
    Source,
    SourceId,
    Story,
    StoryId,
)

_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

# id: name, side, language
OUTLETS = {
    "northgate": ("Northgate Wire", Side.NATO, "en"),
    "westmark": ("Westmark Daily", Side.WEST, "en"),
    "flankpost": ("Flank Post", Side.NATO_FLANK, "en"),
    "volga": ("Volga Courier", Side.RUSSIA, "en"),
    "volga-ru": ("Волжский курьер", Side.RUSSIA, "ru"),
    "ostrov": ("Ostrov", Side.RUSSIA_INDEPENDENT, "ru"),
    "dnipro": ("Dnipro Sheet", Side.UKRAINE, "en"),
    "meridian": ("Meridian Observer", Side.NEUTRAL, "en"),
}


class ManualClock:
    """A clock that stands still until it is told to move."""

    def __init__(self, now: datetime = NOW) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def advance(self, **span: float) -> None:
        """Move on; takes what timedelta takes."""
        self._now += timedelta(**span)


def chat(address: str = "ann", *, platform: str = "console", thread: str = "") -> Chat:
    return Chat(platform=platform, address=address, thread=thread)


def source(id_: str = "northgate", **fields: Any) -> Source:
    """A feed of an invented outlet."""
    name, side, lang = OUTLETS.get(id_, (id_.title(), Side.NEUTRAL, "en"))
    defaults = {"url": f"https://{id_}.example/feed", "side": side, "name": name, "publisher": name, "lang": lang}
    return Source(id=SourceId(id_), **(defaults | fields))


def item(title: str = "Drones seen over Kestrel harbour", /, **fields: Any) -> Item:
    """A core item of Northgate Wire, ten minutes old; `outlet` names another of OUTLETS, `ago` another age.

    It is in Russian if its title is in Cyrillic letters, else in the language of its outlet.
    """
    outlet = source(fields.pop("outlet", "northgate"))
    published = fields.pop("published", NOW - fields.pop("ago", timedelta(minutes=10)))
    summary = fields.pop("summary", "")
    lang = fields.pop("lang", "ru" if _CYRILLIC.search(title) else outlet.lang)
    defaults = {
        "keys": (digest(outlet.id, title, published.isoformat()),),
        "source": outlet.id,
        "source_name": outlet.name,
        "publisher": outlet.publisher,
        "publisher_kind": PublisherKind.OTHER,
        "side": outlet.side,
        "lang": lang,
        "url": f"https://{outlet.id}.example/{digest(title).hex()[:8]}",
        "first_seen": published,
        "relevance": Relevance.CORE,
    }
    words = words_of(title, summary, lang)
    return Item(title=title, summary=summary, published=published, words=words, **(defaults | fields))


def story(*items: Item, id_: int = 1, **fields: Any) -> Story:
    """A story of these items (of one item, if none are named)."""
    told = items or (item(),)
    defaults = {"relevance": told[0].relevance, "topics": told[0].topics, "level": Level.NORMAL}
    return Story(id=StoryId(id_), items=told, **(defaults | fields))


def sent_alert(*titles: str, number: int = 1, **fields: Any) -> SentAlert:
    """A message that brought a story at NOW, headed by items 1, 2 ... of these titles."""
    headlines = [ShownHeadline(item=ItemId(id_), title=title, since=NOW) for id_, title in enumerate(titles, start=1)]
    defaults: dict[str, Any] = {
        "ref": f"m{number}",
        "kind": MessageKind.ALERT if number == 1 else MessageKind.UPDATE,
        "sent_at": NOW,
        "level": Level.NORMAL,
        "revision": 1,
        "rule_number": 1,
        "rule_text": "cable",
        "corrected_until": NOW,
        "headlines": tuple(headlines),
    }
    return SentAlert(number=number, **(defaults | fields))
