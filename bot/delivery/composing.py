"""Composing: what a delivery owes, as its story, the chat's rules and its wishes stand at that moment."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache, partial

import structlog

from bot.clock import Clock
from bot.core.aliases import Aliases
from bot.core.announcement import announcement
from bot.core.headlines import best_told
from bot.core.levels import is_louder
from bot.core.matcher import RuleIndex
from bot.core.message import Message, plain
from bot.core.messages import alert
from bot.core.model import Delivery, Following, Item, Kept, RuleId, Story, Subscriber, Told
from bot.core.rules import parse_rule
from bot.core.update import digest
from bot.delivery.material import Reader, Tale
from bot.delivery.outgoing import Outgoing
from bot.errors import RuleError
from bot.storage.database import Database
from bot.storage.mutes import Mute

log = structlog.get_logger()

# Rules that mute are kept readable, as many as are likely to be looked at within minutes.
MUTE_RULES_KEPT = 1000


class NotWanted(Exception):
    """Nobody wants to read this any more; `str()` says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToSend:
    """What is to go out, and what the chat has read of the story then (None: it is about none)."""

    outgoing: Outgoing
    told: Told | None = None


class Composer:
    """Writes alerts; `aliases` are the names that words in rules stand for."""

    def __init__(self, *, database: Database, index: RuleIndex, aliases: Aliases, clock: Clock) -> None:
        self._reader = Reader(database)
        self._index = index
        self._clock = clock
        self._muting = lru_cache(MUTE_RULES_KEPT)(partial(_index_of, aliases))

    async def compose(self, delivery: Delivery) -> ToSend | Kept:
        """The alert, its edit, news of a higher level, or a broadcast. Raises NotWanted.

        An alert is wanted no more when its rule is not followed any longer, it is muted, or the story is gone; one that
        was sent then stays as it is.
        """
        now = self._clock.now()
        material = await self._reader.material(delivery, now)
        if delivery.story is None:
            if material.announced is None:
                raise NotWanted("no longer wanted")
            return ToSend(outgoing=_outgoing(delivery, announcement(material.announced)))
        tale, subscriber = material.tale, material.subscriber
        if tale is None or subscriber is None:
            raise NotWanted("no longer wanted")
        following = self._following(delivery, tale, material.followed)
        is_muted = self._is_muted(tale, material.muted)
        reason = "no longer wanted" if following is None else "muted" if is_muted else None
        if following is None or reason is not None:
            if delivery.told is None:
                raise NotWanted(reason)
            is_held = following is not None and _rises(tale.story, delivery.told, subscriber, following, now)
            return Kept(told=_kept(delivery.told, tale.story, now if is_held else None))
        return self._alert(delivery, tale, subscriber, following, now)

    def _alert(
        self, delivery: Delivery, tale: Tale, subscriber: Subscriber, following: Following, now: datetime
    ) -> ToSend | Kept:
        story, told = tale.story, delivery.told
        satisfying = self._satisfying(following.rule, tale) or story.items
        write = partial(
            alert,
            story,
            number=following.number,
            rule_text=following.text,
            in_channel=subscriber.is_channel,
        )
        if told is not None and _rises(story, told, subscriber, following, now):
            newest = max(satisfying, key=lambda item: item.published)
            message = write(words=self._words(tale, following, [newest]), lead=newest, rises=True, now=now)
            message = replace(message, silent=not subscriber.rings_for(story.level), mention=following.mention)
            # The first message, if it can be edited, is to follow.
            revision = story.revision if delivery.ref is None else told.revision
            risen = replace(told, level=story.level, revision=revision, held=None, held_level=None)
            outgoing = _outgoing(delivery, message, answers=delivery.ref, nonce=f"{delivery.id}-{story.level}")
            return ToSend(outgoing=replace(outgoing, publishes=subscriber.publishes), told=risen)
        lead = best_told(satisfying)
        write = partial(
            write, words=self._words(tale, following, satisfying), lead=lead, was=_former(tale, satisfying, told)
        )
        # Ages go on by themselves; they are no reason for an edit.
        words = digest(plain(write(now=lead.published)), story.level)
        read = replace(
            told or Told(at=now, level=story.level, revision=story.revision, digest=words),
            revision=story.revision,
            digest=words,
            number=following.number,
            rule=following.text,
        )
        if told is not None and (delivery.ref is None or told.digest == words):
            return Kept(told=read)
        silent = told is not None or not subscriber.rings_for(story.level)
        message = replace(write(now=now), silent=silent, mention=following.mention)
        outgoing = _outgoing(delivery, message, edits=delivery.ref)
        return ToSend(outgoing=replace(outgoing, publishes=subscriber.publishes), told=read)

    def _following(self, delivery: Delivery, tale: Tale, followed: Sequence[Following]) -> Following | None:
        """The rule that it is owed to, or another of the chat that the story satisfies if that one has been ended."""
        owed_to = next((each for each in followed if each.rule == delivery.rule), None)
        return owed_to or next((each for each in followed if self._satisfying(each.rule, tale)), None)

    def _satisfying(self, rule: RuleId, tale: Tale) -> list[Item]:
        if rule not in self._index:
            return []
        return [item for item in tale.story.items if self._index.is_satisfied(rule, item, tale.standing)]

    def _words(self, tale: Tale, following: Following, satisfying: Iterable[Item]) -> tuple[str, ...]:
        """The words that satisfied the rule, in the first of these items that has some."""
        if following.rule not in self._index:
            return ()
        explained = (self._index.explain(following.rule, item, tale.standing) for item in satisfying)
        return next((match.words for match in explained if match.words), ())

    def _is_muted(self, tale: Tale, muted: Iterable[Mute]) -> bool:
        return any(
            mute.story == tale.story.id if mute.text is None else self._satisfies(tale, mute.text) for mute in muted
        )

    def _satisfies(self, tale: Tale, text: str) -> bool:
        rule = self._muting(text)
        return any(rule.matches(item, tale.standing) for item in tale.story.items)


def _outgoing(
    delivery: Delivery, message: Message, *, edits: str | None = None, answers: str | None = None, nonce: str = ""
) -> Outgoing:
    return Outgoing(
        chat=delivery.chat,
        message=message,
        urgency=delivery.urgency,
        nonce=nonce or str(delivery.id),
        edits=edits,
        answers=answers,
    )


def _kept(told: Told, story: Story, held: datetime | None) -> Told:
    """As if the chat had read all of it: what it does not want to hear of now is not told later.

    `held` is the moment where that held back news of a higher level.
    """
    kept = replace(told, level=story.level, revision=story.revision)
    return kept if held is None else replace(kept, held=held, held_level=story.level)


def _rises(story: Story, told: Told, subscriber: Subscriber, following: Following, now: datetime) -> bool:
    """Whether the chat is to hear of a higher level."""
    wanted = following.level or subscriber.level
    is_paused = subscriber.paused_until is not None and subscriber.paused_until > now
    return is_louder(story.level, told.level) and not is_louder(wanted, story.level) and not is_paused


def _former(tale: Tale, satisfying: Sequence[Item], told: Told | None) -> str | None:
    """How the report that the chat was told by was called then, if it has another name now."""
    if told is None or not (seen := [item for item in satisfying if item.first_seen <= told.at]):
        return None
    id_ = tale.stored.ids[tale.story.items.index(best_told(seen))]
    return next((title for item, title, until in tale.former_titles if item == id_ and until > told.at), None)


def _index_of(aliases: Aliases, text: str) -> RuleIndex:
    """One rule, ready to be asked about."""
    index = RuleIndex(aliases)
    try:
        index.add(RuleId(1), parse_rule(text))
    except RuleError as error:
        # Only after a change of the language itself: better an alert too many than all of them lost.
        log.warning("a rule that mutes cannot be read any more", rule=text, problem=str(error))
    return index
