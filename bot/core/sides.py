"""The sides that publishers stand on: what each is called wherever people read it, and with whom it is counted.

Labels, never judgements: each says where a publisher stands, none what its words are worth.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.core.model import Item, PublisherKind, Side, Source
from bot.core.titles.reading import Party


class Group(StrEnum):
    """Sides that are counted as one, in the order in which they are told."""

    NATO = "nato"  # NATO, the EU and governments of members
    WEST = "west"  # Western media, those of NATO's flank among them
    RUSSIA = "russia"  # Russian officials, state media and media in Russia
    RUSSIAN_INDEPENDENT = "russian_independent"
    UKRAINE = "ukraine"
    NEUTRAL = "neutral"
    OTHER = "other"  # papers that an aggregator names and we do not know


@dataclass(frozen=True, slots=True)
class _Row:
    """A side: its `label` beside a publisher, and the group that counts it."""

    label: str
    group: Group


_SIDES: Mapping[Side, _Row] = {
    Side.NATO: _Row("NATO's side", Group.NATO),
    Side.WEST: _Row("the West's side", Group.WEST),
    Side.NATO_FLANK: _Row("NATO's flank", Group.WEST),
    Side.UKRAINE: _Row("Ukraine's side", Group.UKRAINE),
    Side.RUSSIA: _Row("Russia's side", Group.RUSSIA),
    Side.RUSSIA_INDEPENDENT: _Row("independent Russian", Group.RUSSIAN_INDEPENDENT),
    Side.NEUTRAL: _Row("neutral", Group.NEUTRAL),
    Side.MIXED: _Row("side unknown", Group.OTHER),
}

SIDE_LABELS: Mapping[Side, str] = {side: row.label for side, row in _SIDES.items()}


def label_of(published: Item | Source) -> str:
    """What the publisher of an item or source is called beside its name."""
    label = SIDE_LABELS[published.side]
    return f"{label}, observer" if published.publisher_kind is PublisherKind.OBSERVER else label


GROUP_OF: Mapping[Side, Group] = {side: row.group for side, row in _SIDES.items()}
GROUP_OF_PARTY: Mapping[Party, Group] = {
    Party.NATO: Group.NATO,
    Party.RUSSIA: Group.RUSSIA,
    Party.UKRAINE: Group.UKRAINE,
}

# The same names, short enough to stand before a number.
GROUP_NAMES: Mapping[Group, str] = {
    Group.NATO: "NATO",
    Group.WEST: "West",
    Group.RUSSIA: "Russia",
    Group.RUSSIAN_INDEPENDENT: "independent Russian",
    Group.UKRAINE: "Ukraine",
    Group.NEUTRAL: "neutral",
    Group.OTHER: "side unknown",
}

KNOWN_GROUPS = frozenset(Group) - {Group.OTHER}
"""Where a publisher is known to stand: only these add a side to a story."""


@dataclass(frozen=True, slots=True)
class Front:
    """One of the two who face each other."""

    name: str
    groups: frozenset[Group]


NATO_FRONT = Front("NATO and the West", frozenset({Group.NATO, Group.WEST}))
RUSSIAN_FRONT = Front(SIDE_LABELS[Side.RUSSIA], frozenset({Group.RUSSIA}))
