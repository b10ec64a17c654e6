"""Who tells a story: independent publishers, by the side that they are on, and the sentence that says so.

Publishers are owners, not feeds: what one owner says through two feeds is said once. Who only passes on what a party
says adds a publisher, but no voice; accounts of observers add neither. Labels name the side of a publisher, never what
its words are worth.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from bot.core.message.blocks import Run, say, say_count
from bot.core.model import Item, PublisherKind, Story, StoryCoverage
from bot.core.sides import (
    GROUP_NAMES,
    GROUP_OF,
    GROUP_OF_PARTY,
    KNOWN_GROUPS,
    NATO_FRONT,
    RUSSIAN_FRONT,
    SIDE_LABELS,
    Group,
)

# What a lone publisher is; the rest are named by their side.
_KIND_LABELS: Mapping[tuple[Group, PublisherKind], str] = {
    (Group.NATO, PublisherKind.NATO_OFFICIAL): "NATO itself",
    (Group.NATO, PublisherKind.WESTERN_GOVERNMENT): "government of NATO or the EU",
    (Group.WEST, PublisherKind.INTERNATIONAL_MEDIA): "Western media",
    (Group.WEST, PublisherKind.BALTIC_NORDIC_POLISH): "media on NATO's flank",
    (Group.RUSSIA, PublisherKind.RUSSIAN_OFFICIAL): "Russian officials",
    (Group.RUSSIA, PublisherKind.RUSSIAN_STATE_MEDIA): "Russian state media",
    (Group.RUSSIA, PublisherKind.RUSSIAN_PRIVATE): "Russian private media",
    (Group.NEUTRAL, PublisherKind.UN_OSCE): "international organisation",
    **{(group, PublisherKind.OBSERVER): "open-source observer" for group in Group},
}
_NATO_STATE = frozenset({PublisherKind.NATO_OFFICIAL, PublisherKind.WESTERN_GOVERNMENT})
# Groups whose publishers all speak from within one party. Western media are of many countries and owners.
_PARTIES = frozenset({Group.NATO, Group.RUSSIA, Group.UKRAINE})


def group_of(item: Item) -> Group:
    """The group of an item's publisher. A member's ministry is NATO's even if it is listed among media."""
    return Group.NATO if item.publisher_kind in _NATO_STATE else GROUP_OF[item.side]


def upheld(items: Iterable[Item]) -> tuple[Item, ...]:
    """The reports that have not been withdrawn, in their order."""
    return tuple([item for item in items if not item.reading.is_withdrawn])


def vouched(items: Iterable[Item]) -> tuple[Item, ...]:
    """The reports that somebody has edited: an observer's account alone corroborates nothing."""
    return tuple([item for item in items if not item.by_observer])


def publishers_of(items: tuple[Item, ...]) -> Mapping[str, Item]:
    """The first item of each independent publisher, in the order in which they came.

    However many observers tell it are one publisher where nobody else does, and none beside others.
    """
    first: dict[str, Item] = {}
    for item in vouched(items) or items[:1]:
        first.setdefault(item.publisher, item)
    return first


def group_counts(items: tuple[Item, ...]) -> Mapping[Group, int]:
    """How many independent publishers of each group tell it; groups of which none does are left out."""
    counted = Counter(map(group_of, publishers_of(items).values()))
    return {group: counted[group] for group in Group if counted[group]}


def coverage_of(story: Story) -> StoryCoverage:
    """What a story has come to, as rules ask for it (`sources>=2`, `sides>=2`).

    A publisher unknown adds no side, and a report withdrawn counts only where no other is left.
    """
    counts = group_counts(upheld(story.items) or story.items)
    sides = len(counts.keys() & KNOWN_GROUPS) or 1
    return StoryCoverage(level=story.level, publishers=sum(counts.values()), sides=sides)


def voice_of(item: Item) -> Group:
    """Whose word a report brings: that of the party which its title quotes, else its publisher's own."""
    quoted = item.reading.party
    return group_of(item) if quoted is None else GROUP_OF_PARTY[quoted]


def voice_counts(items: tuple[Item, ...]) -> Mapping[Group, int]:
    """How many independent voices of each group tell it.

    All who do no more than quote a party are one voice of that party, and none beside its own publishers.
    """
    own = group_counts(tuple([item for item in items if voice_of(item) is group_of(item)]))
    return {group: own.get(group, 1) for group in Group if group in set(map(voice_of, items))}


def is_told_by_both(items: tuple[Item, ...]) -> bool:
    """Whether NATO's side (governments or Western media) and Russia's (officials or media in Russia) both report it.

    Not if one only quotes others, asks or sums up, nor if one only denies what the other says.
    """
    told = [item for item in items if item.reading.is_news]
    russian = {item.reading.reports for item in told if {group_of(item), voice_of(item)} <= RUSSIAN_FRONT.groups}
    western = {item.reading.reports for item in told if {group_of(item), voice_of(item)} <= NATO_FRONT.groups}
    return not russian.isdisjoint(western)


def is_one_partys_word(items: tuple[Item, ...]) -> bool:
    """Whether all that tell it bring the word of one party: Russia, Ukraine, or the governments of NATO's members.

    State media alone are such a case, and so are state media and whoever quotes them.
    """
    voices = set(map(voice_of, items))
    return len(voices) == 1 and voices <= _PARTIES


def corroboration(story: Story) -> tuple[Run, ...]:
    """Who tells a story, at a glance: publishers by group, and what a reader should know of them."""
    told = upheld(story.items)
    if not told:
        return say("withdrawn, and nobody else reports it")
    edited, observers = vouched(told), _observers(told)
    if not edited and observers > 1:
        return say("{count} open-source observers, no publisher so far", count=observers)
    beside = say_count(observers, " · and {count} open-source observer", " · and {count} open-source observers")
    return (*_told_by(edited or told), *(beside if edited and observers else ()))


def _observers(told: tuple[Item, ...]) -> int:
    return len({item.publisher for item in told if item.by_observer})


def _told_by(told: tuple[Item, ...]) -> tuple[Run, ...]:
    counts = group_counts(told)
    publishers = sum(counts.values())
    if publishers == 1:
        first = told[0]
        kind = _KIND_LABELS.get((group_of(first), first.publisher_kind)) or SIDE_LABELS[first.side]
        return say("one source so far: {source} ({kind})", source=first.source_name, kind=kind)
    groups = " · ".join(f"{GROUP_NAMES[group]} {count}" for group, count in counts.items())
    template = next(template for holds, template in _SENTENCES if holds(told))
    return say(template, count=publishers, groups=groups)


def tellers(story: Story) -> tuple[object, ...]:
    """The same as data: two stories for which it is alike are told by one sentence, in any language."""
    told = upheld(story.items)
    edited = vouched(told) or told
    lone = [(item.source_name, group_of(item), item.publisher_kind, item.side) for item in edited[:1]]
    counts = group_counts(edited)
    sentences = [holds(edited) for holds, _ in _SENTENCES]
    return tuple(counts.items()), _observers(told), lone if sum(counts.values()) == 1 else sentences


def _is_of(*kinds: PublisherKind) -> Callable[[tuple[Item, ...]], bool]:
    return lambda items: {item.publisher_kind for item in items} <= set(kinds)


def _is_all(group: Group) -> Callable[[tuple[Item, ...]], bool]:
    return lambda items: set(map(group_of, items)) == {group}


# The first that holds is said.
_SENTENCES: tuple[tuple[Callable[[tuple[Item, ...]], bool], str], ...] = (
    (is_told_by_both, "{count} publishers: {groups} · both sides report"),
    (
        _is_of(PublisherKind.RUSSIAN_STATE_MEDIA),
        "{count} publishers: {groups} · only Russian state media so far",
    ),
    (
        _is_of(PublisherKind.RUSSIAN_STATE_MEDIA, PublisherKind.RUSSIAN_OFFICIAL),
        "{count} publishers: {groups} · only Russian officials and state media so far",
    ),
    (_is_all(Group.NATO), "{count} publishers: {groups} · only governments of NATO and the EU so far"),
    (_is_all(Group.UKRAINE), "{count} publishers: {groups} · only Ukraine's side so far"),
    (lambda _: True, "{count} publishers: {groups}"),
)
