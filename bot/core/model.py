"""The types that the data takes on its way: one for each leg of the trip.

All are frozen; every datetime is aware and in UTC; collections are tuples.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import NewType

from bot.core.language.text import Words
from bot.core.titles.reading import TitleReading, read_title

SourceId = NewType("SourceId", str)
ItemId = NewType("ItemId", int)
StoryId = NewType("StoryId", int)
RuleId = NewType("RuleId", int)
SubscriberId = NewType("SubscriberId", int)
DeliveryId = NewType("DeliveryId", int)
BroadcastId = NewType("BroadcastId", int)


class SourceKind(StrEnum):
    """How a source is read; each has a row in `bot.sources.KINDS`."""

    FEED = "feed"
    SEARCH_PAGE = "search_page"
    TELEGRAM_CHANNEL = "telegram_channel"


class Side(StrEnum):
    """On whose side of the confrontation a publisher stands; a label, never a judgement of worth."""

    NATO = "nato"
    WEST = "west"
    NATO_FLANK = "nato_flank"
    RUSSIA = "russia"
    RUSSIA_INDEPENDENT = "russia_independent"
    UKRAINE = "ukraine"
    NEUTRAL = "neutral"
    MIXED = "mixed"


class PublisherKind(StrEnum):
    """What sort of publisher owns a source."""

    NATO_OFFICIAL = "nato_official"
    WESTERN_GOVERNMENT = "western_government"
    RUSSIAN_OFFICIAL = "russian_official"
    RUSSIAN_STATE_MEDIA = "russian_state_media"
    RUSSIAN_PRIVATE = "russian_private"
    RUSSIAN_INDEPENDENT = "russian_independent"
    UKRAINIAN = "ukrainian"
    BALTIC_NORDIC_POLISH = "baltic_nordic_polish"
    INTERNATIONAL_MEDIA = "international_media"
    DEFENCE_TRADE = "defence_trade"
    THINK_TANK = "think_tank"
    OSINT = "osint"
    OBSERVER = "observer"  # an account that watches open sources; corroborates nothing
    UN_OSCE = "un_osce"
    AGGREGATOR = "aggregator"
    OTHER = "other"


class Scope(StrEnum):
    """`topical`: nearly all of the source is about our subject. `general`: it must pass a stricter filter."""

    TOPICAL = "topical"
    GENERAL = "general"


class Relevance(StrEnum):
    """How near an item is to our subject (see config/subject/topics.toml)."""

    CORE = "core"
    RELATED = "related"
    NONE = "none"


class Level(StrEnum):
    """How loud a story is, the loudest first."""

    BREAKING = "breaking"
    MAJOR = "major"
    NORMAL = "normal"

    @property
    def loudness(self) -> int:
        """0 for the quietest."""
        return len(Level) - 1 - tuple(Level).index(self)


class Urgency(IntEnum):
    """What goes first: the lower number."""

    REPLY = 0  # somebody waits for it
    BREAKING = 1
    ALERT = 2
    DIGEST = 3
    EDIT = 4  # of a message that was sent before


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where news comes from: one `[[source]]` table of config/subject/sources.toml."""

    id: SourceId
    url: str
    side: Side
    name: str
    publisher: str  # the owner of the words: several sources can share one
    publisher_kind: PublisherKind = PublisherKind.OTHER
    kind: SourceKind = SourceKind.FEED
    lang: str = "en"  # ISO 639-1
    scope: Scope = Scope.GENERAL
    enabled: bool = True
    leads: bool = True  # where it says little, its articles' pages are read
    offer: str = ""  # what owners are told of it while they are asked whether to read it; empty: they aren't


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """One entry, as its source published it, already plain text: no tags, entities or control characters.

    `link` is absolute http(s), with the place in the page if one is named, or None; `published` is what the source
    says, even if it lies; `outlet` is the paper that it names as the entry's origin, which only aggregators are
    believed.
    """

    title: str
    summary: str = ""
    guid: str | None = None
    link: str | None = None
    published: datetime | None = None
    outlet: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One article as we keep it.

    `keys` identify it within its source (see `bot.core.intake.items.identity_keys`); `url` is the address to show,
    which other items may share; `published` is never later than `first_seen`, and the same where the source gives no
    date that can be true (not `dated`); `timed` tells that its date has a time of day, too; `words` are the tokens of
    title and `text`. `summary` is what its source says; `lead`, if not empty, what its publisher's page does.
    """

    keys: tuple[bytes, ...]
    source: SourceId
    source_name: str
    publisher: str
    publisher_kind: PublisherKind
    side: Side
    lang: str
    url: str | None
    title: str
    summary: str
    published: datetime
    first_seen: datetime
    words: Words
    relevance: Relevance = Relevance.NONE
    topics: tuple[str, ...] = ()
    dated: bool = True
    timed: bool = True
    lead: str = ""

    @property
    def by_observer(self) -> bool:
        """Whether it is a post of an observer's account, which nobody edits."""
        return self.publisher_kind is PublisherKind.OBSERVER

    @property
    def text(self) -> str:
        """What it says beneath its title."""
        return self.lead or self.summary

    @property
    def reading(self) -> TitleReading:
        """What its title says."""
        return read_title(self.title, self.lang)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryCoverage:
    """What a story has come to, beyond the words of its items: how loud it is, and how many independent publishers
    of how many sides tell it.
    """

    level: Level = Level.NORMAL
    publishers: int = 1
    sides: int = 1


LONE = StoryCoverage()
"""How a story begins: one publisher tells it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """The items that report one event, oldest first; never empty.

    `revision` counts from 1 the changes that alerts show.
    """

    id: StoryId
    items: tuple[Item, ...]
    relevance: Relevance
    topics: tuple[str, ...]
    level: Level = Level.NORMAL
    revision: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A rule that an item satisfies, and why: the words of the item that hit, in the order of the text."""

    rule: RuleId
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """An address: one conversation, and topic or thread in it (`""`: none), on one platform."""

    platform: str
    address: str
    thread: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """A chat that talks with us, and its preferences.

    `relevance` is CORE, or RELATED when it asked for the wider circle; `paused_until` is None when alerts flow;
    `level` is the lowest level of which it wants alerts; `sound` the lowest whose alerts ring, None when none does.
    `langs` are the languages that it reads (ISO 639-1); none: all.
    `publishes` asks that alerts in its announcement channel go on to that channel's followers.
    """

    id: SubscriberId
    chat: Chat
    relevance: Relevance
    paused_until: datetime | None
    sound: Level | None
    level: Level = Level.NORMAL
    langs: tuple[str, ...] = ()
    is_channel: bool = False
    publishes: bool = False
    created: datetime

    def is_paused(self, now: datetime) -> bool:
        """Whether it has asked for silence, and that has not ended."""
        return self.paused_until is not None and self.paused_until > now

    def rings_for(self, level: Level) -> bool:
        """Whether an alert of this level comes with a sound."""
        loudest_first = tuple(Level)
        return self.sound is not None and loudest_first.index(level) <= loudest_first.index(self.sound)


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """One wish of a subscriber: the rule that it follows, under the number that /rules shows (1, 2, 3 ...).

    `level` is the lowest level of which this rule alerts; None: the subscriber's own. `mention` is the id of the role
    that its alerts mention, where the platform has roles; empty: none.
    """

    subscriber: SubscriberId
    number: int
    rule: RuleId
    text: str
    level: Level | None = None
    mention: str = ""
    created: datetime


class MessageKind(StrEnum):
    """What brought a message about a story."""

    ALERT = "alert"
    UPDATE = "update"  # the story has come to a higher level
    CORRECTION = "correction"  # what the chat had heard is taken back
    SUPPRESSED = "suppressed"  # an update that a mute has kept back: no message


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownHeadline:
    """A report that has headed a message.

    `title` is the one by which the chat knows it: as the message shows it, or the first one where this is edited no
    more; `since` is when the message began to show the report.
    """

    item: ItemId
    title: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SentAlert:
    """A message about a story that a chat has been sent; its row is written by storage.alert_messages.

    `number` counts the messages of its delivery from 1; `ref` is None where the chat has moved and left it behind.
    `level` is the one that it brought; all else is kept as it was edited last: the story's `revision`, the hash of its
    content (None: not known, or no whole alert), the rule that it names, and until when it knows what was taken back.
    Only what is `editable` is kept up to date: the first message, and the newest of the others.
    """

    number: int
    ref: str | None
    kind: MessageKind
    sent_at: datetime
    level: Level
    revision: int
    content_hash: bytes | None = None
    editable: bool = True
    rang: bool = True
    rule_number: int | None = None
    rule_text: str | None = None
    corrected_until: datetime
    headlines: tuple[ShownHeadline, ...] = ()


class Unwanted(StrEnum):
    """Why a chat does not want an alert, as it is kept with the delivery."""

    MUTED = "muted"
    PAUSED = "paused"
    UNFOLLOWED = "no longer wanted"
    QUIET = "quieter than wanted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What we owe a chat: the alert of a story, by a rule, or a broadcast. Its life is drawn in DESIGN.md.

    `attempts` counts the claims; `unknown` tells that a send before this may have arrived unseen. Once messages have
    been sent (see SentAlert), what is owed is an edit of one of them, or another one.
    """

    id: DeliveryId
    subscriber: SubscriberId
    chat: Chat
    story: StoryId | None
    rule: RuleId | None
    broadcast: BroadcastId | None = None
    urgency: Urgency
    attempts: int
    unknown: bool
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The platform took the message; `ref` is its id there.

    `sent` is all that the chat has been sent of the story, with what changes by this one; empty for a broadcast.
    """

    ref: str
    sent: tuple[SentAlert, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """There is nothing to send.

    `why` is there where the chat does not want it; `sent` is all that it has been sent, with what changes by that;
    empty: nothing changes.
    """

    why: Unwanted | None = None
    sent: tuple[SentAlert, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Try again at `at`; `unknown` if the last attempt may have arrived.

    `alone` if it is this message that fails, so that others of the chat need not wait with it.
    """

    at: datetime
    reason: str
    unknown: bool = False
    alone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Dead:
    """Never try again; `uneditable` is the number of the sent message that was to be edited or answered."""

    reason: str
    uneditable: int | None = None


Outcome = Sent | Nothing | Retry | Dead
