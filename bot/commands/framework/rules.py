"""What of the news a chat is told: which of its rules a story fits, and what holds its alert back."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from math import log

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.framework.wording import BRINGS, LEVEL_WORDS
from bot.core.message.blocks import Run, say
from bot.core.model import Following, Item, Level, Relevance, RuleId, Story, Subscriber, Unwanted
from bot.core.rules.aliases import Aliases, Name, names_in
from bot.core.rules.ast import AllOf, Node, all_of, demands
from bot.core.rules.index import RuleIndex
from bot.core.rules.rule import Rule, parse_rule
from bot.core.stories.corroboration import coverage_of
from bot.core.stories.levels import is_louder
from bot.errors import RuleError
from bot.storage import subscribers
from bot.storage.archive import Alerted

# Of what a rule asks for, the share that what nearly came may lack. Of two parts of which one is as rare as the other
# neither may be lacking, or every report of half of a rule would be near.
MOST_LACKING = 1 / 3


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedRule:
    """A rule that a chat follows, and the lowest level of which it alerts."""

    following: Following
    rule: Rule
    lowest: Level


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMiss:
    """A rule that a report fits but for one part."""

    wish: FollowedRule
    item: Item
    part: Node


async def wishes_of(tx: AsyncConnection, subscriber: Subscriber) -> tuple[FollowedRule, ...]:
    """The chat's rules, by number; those that this version cannot read are left out."""
    found = []
    for following in await subscribers.followings_of(tx, subscriber.id):
        try:
            rule = parse_rule(following.text)
        except RuleError:
            continue
        found.append(FollowedRule(following=following, rule=rule, lowest=following.level or subscriber.level))
    return tuple(found)


def rule_behind(alerted: Alerted, followed: Sequence[Following]) -> Following | None:
    """The rule that brought an alert as it is now, perhaps by another number, or changed; None once it has ended.

    Numbers are given anew: one that was made after the alert is another rule.
    """
    sent_at = alerted.sent_at
    if alerted.text is None or sent_at is None:
        return next((each for each in followed if each.rule == alerted.rule), None)
    same = next((each for each in followed if each.text == alerted.text), None)
    return same or next((each for each in followed if each.number == alerted.number and each.created <= sent_at), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFits:
    """What a story is to a chat's rules, by their numbers: those that it fits, each with its first report that does;
    and, for a story that fits none, those that it fits but for one part.
    """

    fits: tuple[tuple[FollowedRule, Item], ...]
    nears: tuple[NearMiss, ...]


class Scales:
    """A chat's rules, each ready to be asked, whole and without each of its parts.

    It counts how many of the stories that it was asked about have each part: what few have is what a rule is about.
    Reports in `langs` show a story before others.
    """

    def __init__(self, wishes: Sequence[FollowedRule], aliases: Aliases, langs: Sequence[str] = ()) -> None:
        self._langs = langs
        self._index = RuleIndex(aliases)
        self._whole: dict[RuleId, FollowedRule] = {}
        self._lacking: dict[RuleId, tuple[FollowedRule, Node]] = {}
        self._parts: defaultdict[int, dict[Node, RuleId]] = defaultdict(dict)
        self._stories = 0
        self._having: Counter[RuleId] = Counter()
        ids = map(RuleId, count())
        for wish in wishes:
            self._index.add(id_ := next(ids), wish.rule)
            self._whole[id_] = wish
            # The parts that must hold together. Words that make up one name are one part.
            nodes = wish.rule.root.nodes if isinstance(wish.rule.root, AllOf) else ()
            parts = [all_of(part.keywords) if isinstance(part, Name) else part for part in names_in(nodes, aliases)]
            for part in parts if len(parts) > 1 else ():
                rest = all_of(tuple(other for other in parts if other is not part))
                if demands(part):
                    self._index.add(id_ := next(ids), Rule(part))
                    self._parts[wish.following.number][part] = id_
                if demands(rest):
                    self._index.add(id_ := next(ids), Rule(rest))
                    self._lacking[id_] = wish, part

    def ask(self, story: Story) -> RuleFits:
        """What a story is to the rules."""
        coverage = coverage_of(story)
        on_subject = [item for item in story.items if item.relevance is not Relevance.NONE]
        found: dict[RuleId, Item] = {}
        for item in sorted(on_subject, key=lambda item: item.lang not in self._langs):
            found = dict.fromkeys(self._index.matches(item, coverage), item) | found
        self._stories += 1
        self._having.update(found.keys())
        fits = tuple([(self._whole[id_], found[id_]) for id_ in sorted(found.keys() & self._whole.keys())])
        lacking = () if fits else sorted(found.keys() & self._lacking.keys())
        nears = [NearMiss(wish=self._lacking[id_][0], item=found[id_], part=self._lacking[id_][1]) for id_ in lacking]
        return RuleFits(fits=fits, nears=tuple(nears))

    def is_near(self, near: NearMiss) -> bool:
        """Whether what is lacking is little of what the rule asks for: not its point, without which it says nothing.

        A part says the more, the fewer of the stories have it; what is left out says nothing.
        """
        weights = {
            part: log((self._stories + 1) / (self._having[id_] + 0.5))
            for part, id_ in self._parts[near.wish.following.number].items()
        }
        return weights.get(near.part, 0.0) <= MOST_LACKING * sum(weights.values())


def is_older(story: Story, wish: FollowedRule) -> bool:
    """Whether all of a story was there before its rule, which alerts only of what comes after."""
    return all(item.first_seen <= wish.following.created for item in story.items)


def hindrance(
    story: Story, wish: FollowedRule, subscriber: Subscriber, alerted: Alerted | None, now: datetime
) -> tuple[Run, ...]:
    """Why no alert of a story has come by a rule that it fits."""
    number = wish.following.number
    if alerted is not None:
        if alerted.reason == Unwanted.MUTED:
            return say("It is muted; /mutes shows what is.")
        if alerted.reason == Unwanted.PAUSED:
            return say("Alerts were paused then.")
        return say("It couldn't be sent: {reason}.", reason=alerted.reason or "reason unknown")
    if is_older(story, wish):
        return say("It was reported before rule {number} was made.", number=number)
    if is_louder(wish.lowest, story.level):
        return say(
            "It is {level}, but rule {number} sends {levels}.",
            level=LEVEL_WORDS[story.level].lower(),
            number=number,
            levels=BRINGS[wish.lowest],
        )
    if not is_near_enough(story, wish, subscriber):
        return say("It's only related to our subject; /wider on lets that through.")
    if subscriber.is_paused(now):
        return say("Alerts are paused.")
    return say("Alerts were paused then, or it was old news when it was first read.")


def is_near_enough(story: Story, wish: FollowedRule, subscriber: Subscriber) -> bool:
    """Whether a story is about our subject, or what is only related to it is asked for."""
    return (
        story.relevance is Relevance.CORE
        or "relevance" in wish.rule.fields()
        or subscriber.relevance is Relevance.RELATED
    )
