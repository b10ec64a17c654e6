"""What of the news a chat is told: which of its rules a story fits, and what holds its alert back."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.levels import BRINGS
from bot.commands.listing import LEVEL_WORDS
from bot.commands.preferences import is_paused
from bot.core.aliases import Aliases
from bot.core.corroboration import standing_of
from bot.core.levels import is_louder
from bot.core.matcher import RuleIndex
from bot.core.message import Run, say
from bot.core.model import Following, Item, Level, Relevance, RuleId, Story, Subscriber
from bot.core.rules import Rule, parse_rule
from bot.core.terms import AllOf, Node, all_of, demands
from bot.errors import RuleError
from bot.storage import subscribers
from bot.storage.archive import Alerted

# What the composer writes of alerts that a mute has stopped.
MUTED = "muted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A rule that a chat follows, and the lowest level of which it alerts."""

    following: Following
    rule: Rule
    lowest: Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """A rule that a report fits but for one term."""

    wish: Wish
    item: Item
    term: Node


async def wishes_of(tx: AsyncConnection, subscriber: Subscriber) -> tuple[Wish, ...]:
    """The chat's rules, by number; those that this version cannot read are left out."""
    found = []
    for following in await subscribers.followings_of(tx, subscriber.id):
        try:
            rule = parse_rule(following.text)
        except RuleError:
            continue
        found.append(Wish(following=following, rule=rule, lowest=following.level or subscriber.level))
    return tuple(found)


def rule_behind(alerted: Alerted, followed: Sequence[Following]) -> Following | None:
    """The rule that brought an alert as it stands now, perhaps by another number, or changed; None once it has ended.

    Numbers are given anew: one that was made after the alert is another rule.
    """
    told = alerted.told
    if alerted.text is None or told is None:
        return next((each for each in followed if each.rule == alerted.rule), None)
    same = next((each for each in followed if each.text == alerted.text), None)
    return same or next((each for each in followed if each.number == alerted.number and each.created <= told), None)


class Scales:
    """A chat's rules, each ready to be asked, whole and without each of its terms."""

    def __init__(self, wishes: Sequence[Wish], aliases: Aliases) -> None:
        self._index = RuleIndex(aliases)
        self._whole: dict[RuleId, Wish] = {}
        self._lacking: dict[RuleId, tuple[Wish, Node]] = {}
        ids = map(RuleId, count())
        for wish in wishes:
            id_ = next(ids)
            self._whole[id_] = wish
            self._index.add(id_, wish.rule)
            for term, rest in _without_one(wish.rule.root):
                id_ = next(ids)
                self._lacking[id_] = wish, term
                self._index.add(id_, Rule(rest))

    def fits(self, story: Story) -> tuple[tuple[Wish, Item], ...]:
        """The rules that a story fits, by number, each with its first report that does."""
        found = {id_: item for item, ids in reversed(self._asked(story)) for id_ in ids if id_ in self._whole}
        return tuple([(self._whole[id_], found[id_]) for id_ in sorted(found)])

    def nears(self, story: Story) -> tuple[Near, ...]:
        """The rules that a story, which fits none, fits but for one term; each once, by number."""
        found = {id_: item for item, ids in reversed(self._asked(story)) for id_ in ids if id_ in self._lacking}
        nears = [Near(wish=self._lacking[id_][0], item=found[id_], term=self._lacking[id_][1]) for id_ in sorted(found)]
        return tuple({near.wish.following.number: near for near in reversed(nears)}.values())[::-1]

    def _asked(self, story: Story) -> list[tuple[Item, set[RuleId]]]:
        standing = standing_of(story)
        on_subject = (item for item in story.items if item.relevance is not Relevance.NONE)
        return [(item, set(self._index.matches(item, standing))) for item in on_subject]


def _without_one(root: Node) -> Iterator[tuple[Node, Node]]:
    """Each term that must hold together with others, and the others; not where those only leave things out."""
    for term in root.nodes if isinstance(root, AllOf) else ():
        rest = all_of(tuple(node for node in root.nodes if node is not term)) if isinstance(root, AllOf) else root
        if demands(rest):
            yield term, rest


def is_older(story: Story, wish: Wish) -> bool:
    """Whether all of a story was there before its rule, which alerts only of what comes after."""
    return all(item.first_seen <= wish.following.created for item in story.items)


def hindrance(
    story: Story, wish: Wish, subscriber: Subscriber, alerted: Alerted | None, now: datetime
) -> tuple[Run, ...]:
    """Why no alert of a story has come by a rule that it fits."""
    number = wish.following.number
    if alerted is not None:
        if alerted.reason == MUTED:
            return say("It is muted; /mutes shows what is.")
        return say("It could not be sent: {reason}.", reason=alerted.reason or "it is not known why")
    if is_older(story, wish):
        return say("It was told before rule {number} was made.", number=number)
    if is_louder(wish.lowest, story.level):
        return say(
            "It is {level}, and rule {number} brings {levels}.",
            level=LEVEL_WORDS[story.level].lower(),
            number=number,
            levels=BRINGS[wish.lowest],
        )
    if not is_near_enough(story, wish, subscriber):
        return say("It is only related to our subject; /wider on lets that through.")
    if is_paused(subscriber, now):
        return say("Alerts are paused.")
    return say("Alerts were paused then, or it was old news when it was first read.")


def is_near_enough(story: Story, wish: Wish, subscriber: Subscriber) -> bool:
    """Whether a story is about our subject, or what is only related to it is asked for."""
    return (
        story.relevance is Relevance.CORE
        or "relevance" in wish.rule.fields()
        or subscriber.relevance is Relevance.RELATED
    )
