"""Composing: what a delivery owes, as its story, the chat's rules and its wishes stand at that moment."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache, partial

import structlog

from bot.clock import Clock
from bot.core.briefing.headlines import best_told
from bot.core.intake.items import digest
from bot.core.message.blocks import Message, plain
from bot.core.model import Delivery, Following, Head, Item, NoChange, RuleId, Subscriber, Told
from bot.core.rules.aliases import Aliases
from bot.core.rules.index import RuleIndex
from bot.core.rules.rule import parse_rule
from bot.core.stories.corroboration import upheld
from bot.core.stories.levels import is_louder
from bot.core.wording.alert import Correction, alert, taken_back
from bot.core.wording.announcement import announcement
from bot.delivery.context import ContextLoader, StorySnapshot
from bot.delivery.outgoing import Outgoing
from bot.errors import RuleError
from bot.storage.database import Database
from bot.storage.mutes import Mute
from bot.storage.outbox import MUTED, PAUSED, UNFOLLOWED

log = structlog.get_logger()

# Rules that mute are kept readable, as many as are likely to be looked at within minutes.
MUTE_RULES_KEPT = 1000


# So long what was taken back of a report rings no more, once that has rung: some titles go back and forth.
WARNED_EVERY = timedelta(hours=1)


class NotWanted(Exception):
    """Nobody wants to read this any more; `str()` says why."""


class TooQuiet(NotWanted):
    """The chat wants louder stories only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToSend:
    """What is to go out, and what the chat has read of the story then (None: it is about none).

    `otherwise` is that for the case that the message which it edits can be edited no more, and is not the only one.
    """

    outgoing: Outgoing
    told: Told | None = None
    otherwise: Told | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Owed:
    """What an alert is made of, and the reports that satisfy its rule."""

    delivery: Delivery
    tale: StorySnapshot
    subscriber: Subscriber
    following: Following
    satisfying: Sequence[Item]
    now: datetime

    @property
    def candidates(self) -> Sequence[Item]:
        """The reports that may head it: those that satisfy the rule, else those that headed it, else any."""
        told = self.delivery.told
        headed = [self.tale.item_of(head.item) for head in _heads(told)] if told else []
        told_by = (self.satisfying, [item for item in headed if item is not None], self.tale.story.items)
        return next((found for items in told_by if (found := upheld(items))), self.tale.story.items)


class Composer:
    """Writes alerts; `aliases` are the names that words in rules stand for."""

    def __init__(self, *, database: Database, index: RuleIndex, aliases: Aliases, clock: Clock) -> None:
        self._reader = ContextLoader(database)
        self._index = index
        self._clock = clock
        self._muting = lru_cache(MUTE_RULES_KEPT)(partial(_index_of, aliases))

    async def compose(self, delivery: Delivery) -> ToSend | NoChange:
        """The alert, news of a higher level, an edit of either, or a broadcast. Raises NotWanted.

        An alert is wanted no more when its rule is not followed any longer, it is muted, the chat wants louder ones, or
        the story is gone. One that was sent then stays as it is, but that a mute holds back no correction.
        """
        now = self._clock.now()
        material = await self._reader.material(delivery, now)
        if delivery.story is None:
            if material.announced is None:
                raise NotWanted(UNFOLLOWED)
            return ToSend(outgoing=_announced(delivery, material.announced))
        tale, subscriber = material.tale, material.subscriber
        if tale is None or subscriber is None:
            raise NotWanted(UNFOLLOWED)
        following = self._following(delivery, tale, subscriber, material.followed)
        if following is None:
            if delivery.told is None:
                raise NotWanted(UNFOLLOWED)
            return NoChange(told=replace(delivery.told, level=tale.story.level, revision=tale.story.revision))
        owed = _Owed(
            delivery=delivery,
            tale=tale,
            subscriber=subscriber,
            following=following,
            satisfying=self._satisfying(following.rule, tale),
            now=now,
        )
        if self._is_muted(tale, material.muted):
            return self._muted(owed)
        told = _told(delivery)
        if told is None:
            return self._alert(owed)
        if _rises(owed, told):
            return self._risen(owed, told)
        return self._taken_back(owed, told) or self._edited(owed, told)

    def _alert(self, owed: _Owed) -> ToSend:
        """The first that the chat reads of the story. Raises NotWanted."""
        if _is_paused(owed):
            raise NotWanted(PAUSED)
        if not _is_loud_enough(owed.subscriber, owed.following, owed.tale):
            raise TooQuiet("the chat wants louder stories only")
        story, lead = owed.tale.story, best_told(owed.candidates)
        rings = owed.subscriber.rings_for(story.level)
        told = Told(
            at=owed.now,
            level=story.level,
            revision=story.revision,
            digest=self._digest(owed, lead),
            number=owed.following.number,
            rule=owed.following.text,
            heads=(Head(item=owed.tale.id_of(lead), at=owed.now, rang=rings),),
        )
        message = replace(self._message(owed, lead), silent=not rings)
        return ToSend(outgoing=_outgoing(owed, message), told=told)

    def _muted(self, owed: _Owed) -> ToSend | NoChange:
        """No sound, and nothing new until the mute ends; no sound then for what rose meanwhile either."""
        told = _told(owed.delivery)
        if told is None:
            raise NotWanted(MUTED)
        level = owed.tale.story.level
        if _rises(owed, told):
            told = replace(told, held=owed.now, held_level=level)
        told = replace(told, level=level)
        if all(owed.tale.shows(head) for head in _heads(told)):
            return NoChange(told=told, muted=True)
        return self._edited(owed, told)

    def _risen(self, owed: _Owed, told: Told) -> ToSend:
        """News of a higher level. The first message, if it can be edited, is to follow."""
        delivery, story = owed.delivery, owed.tale.story
        lead = _newest_told(owed.candidates, told)
        rings = owed.subscriber.rings_for(story.level)
        message = replace(self._message(owed, lead, rises=True), silent=not rings)
        read = replace(
            told,
            level=story.level,
            revision=story.revision if delivery.ref is None else told.revision,
            held=None,
            held_level=None,
            heads=_heads(told),
            rung=Head(item=owed.tale.id_of(lead), at=owed.now, rang=rings),
        )
        outgoing = _outgoing(owed, message, answers=delivery.ref, beside=f"-{story.level}")
        return ToSend(outgoing=outgoing, told=read)

    def _taken_back(self, owed: _Owed, told: Told) -> ToSend | None:
        """A reply that says what was taken back of what has rung, and rings as that did. Its edits are to follow.

        None if the chat has read nothing that was taken back since it last knew, did not hear of it, is paused, or has
        heard within the hour that the same report was taken back.
        """
        tale, delivery = owed.tale, owed.delivery
        rings = owed.subscriber.rings_for(told.level) and not _is_paused(owed)
        found = tale.reversal_of(_heard(told, owed.now), told.warned or told.at) if rings else None
        if found is None or (told.rung is not None and not tale.shows(told.rung)):
            return None  # the message that this one takes the place of is corrected first
        head, correction = found
        message = taken_back(
            tale.story,
            correction,
            number=owed.following.number,
            rule_text=owed.following.text,
            rule=owed.following.rule,
            now=owed.now,
            in_channel=owed.subscriber.is_channel,
        )
        read = replace(
            told,
            revision=tale.story.revision if delivery.ref is None else told.revision,
            heads=tuple([replace(each, warned=owed.now) if each.item == head.item else each for each in _heads(told)]),
            rung=Head(item=head.item, at=owed.now),
            warned=tale.last_reversal,
        )
        of_what_rang = told.rung is not None and told.rung.item == head.item
        outgoing = _outgoing(
            owed,
            replace(message, mention=owed.following.mention),
            answers=delivery.rung_ref if of_what_rang else delivery.ref,
            beside=f"-back-{tale.story.revision}",
        )
        return ToSend(outgoing=outgoing, told=read)

    def _edited(self, owed: _Owed, told: Told) -> ToSend | NoChange:
        """What rang is edited only where it is corrected, and before the first message."""
        if told.rung is not None and not owed.tale.shows(told.rung):
            return self._rung_edited(owed, told, told.rung)
        story, tale, lead = owed.tale.story, owed.tale, best_told(owed.candidates)
        # What was told before heads were kept was most likely told by the best that there was.
        known = (
            told if told.heads else replace(told, heads=(Head(item=tale.id_of(_best_then(owed, told)), at=told.at),))
        )
        corrections = tale.corrections_of(_heads(known))
        words = self._digest(owed, lead, corrections)
        heads = [tale.shown(head) for head in known.heads]
        if tale.id_of(lead) not in [head.item for head in heads]:
            heads.append(Head(item=tale.id_of(lead), at=owed.now, rang=heads[0].rang))
        read = replace(
            told,
            revision=story.revision,
            digest=words,
            number=owed.following.number,
            rule=owed.following.text,
            heads=tuple(heads),
            warned=tale.last_reversal or told.warned,
        )
        if owed.delivery.ref is None or told.digest == words:
            return NoChange(told=read)
        message = replace(self._message(owed, lead, corrections), silent=True)
        return ToSend(outgoing=_outgoing(owed, message, edits=owed.delivery.ref), told=read)

    def _rung_edited(self, owed: _Owed, told: Told, rung: Head) -> ToSend:
        item = owed.tale.item_of(rung.item)
        lead = best_told(owed.candidates) if item is None or item.reading.is_withdrawn else item
        message = self._message(owed, lead, owed.tale.corrections_of([rung]))
        return ToSend(
            outgoing=_outgoing(owed, replace(message, silent=True), edits=owed.delivery.rung_ref),
            told=replace(told, rung=owed.tale.shown(rung)),
            otherwise=replace(told, heads=_heads(told), rung=None),
        )

    def _message(
        self,
        owed: _Owed,
        lead: Item,
        corrections: Sequence[Correction] = (),
        *,
        rises: bool = False,
        now: datetime | None = None,
    ) -> Message:
        message = alert(
            owed.tale.story,
            number=owed.following.number,
            rule_text=owed.following.text,
            rule=owed.following.rule,
            words=self._words(owed, lead if rises else None),
            now=now or owed.now,
            in_channel=owed.subscriber.is_channel,
            lead=lead,
            corrections=corrections,
            rises=rises,
        )
        return replace(message, mention=owed.following.mention)

    def _digest(self, owed: _Owed, lead: Item, corrections: Sequence[Correction] = ()) -> bytes:
        # Ages go on by themselves; they are no reason for an edit.
        message = self._message(owed, lead, corrections, now=lead.published)
        return digest(plain(message), owed.tale.story.level)

    def _following(
        self, delivery: Delivery, tale: StorySnapshot, subscriber: Subscriber, followed: Sequence[Following]
    ) -> Following | None:
        """The rule that it is owed to, or another of the chat that the story satisfies if that one has been ended, or
        holds an alert back by its level.
        """
        owed_to = next((each for each in followed if each.rule == delivery.rule), None)
        if owed_to and (delivery.told is not None or _is_loud_enough(subscriber, owed_to, tale)):
            return owed_to
        others = [each for each in followed if each is not owed_to and self._satisfying(each.rule, tale)]
        loud = (each for each in others if _is_loud_enough(subscriber, each, tale))
        return next(loud, owed_to or next(iter(others), None))

    def _satisfying(self, rule: RuleId, tale: StorySnapshot) -> list[Item]:
        if rule not in self._index:
            return []
        return [item for item in tale.story.items if self._index.is_satisfied(rule, item, tale.standing)]

    def _words(self, owed: _Owed, item: Item | None) -> tuple[str, ...]:
        """The words that satisfied the rule, in this item or else in the first that has some."""
        rule = owed.following.rule
        if rule not in self._index:
            return ()
        told = owed.candidates if item is None else (item,)
        explained = (self._index.explain(rule, each, owed.tale.standing) for each in told)
        return next((match.words for match in explained if match.words), ())

    def _is_muted(self, tale: StorySnapshot, muted: Iterable[Mute]) -> bool:
        return any(
            mute.story == tale.story.id if mute.text is None else self._satisfies(tale, mute.text) for mute in muted
        )

    def _satisfies(self, tale: StorySnapshot, text: str) -> bool:
        rule = self._muting(text)
        return any(rule.matches(item, tale.standing) for item in tale.story.items)


def _announced(delivery: Delivery, text: str) -> Outgoing:
    return Outgoing(
        chat=delivery.chat,
        message=announcement(text),
        urgency=delivery.urgency,
        nonce=_nonce(delivery),
        unseen_since=_unseen_since(delivery),
    )


def _nonce(delivery: Delivery) -> str:
    """Not the id alone: in a database that is begun anew, or restored, an id comes a second time."""
    return f"{delivery.id}-{delivery.created.isoformat()}"


def _unseen_since(delivery: Delivery) -> datetime | None:
    """The moment from which on an attempt that nobody heard of can have arrived."""
    return delivery.created if delivery.unknown else None


def _outgoing(
    owed: _Owed, message: Message, *, edits: str | None = None, answers: str | None = None, beside: str = ""
) -> Outgoing:
    return Outgoing(
        chat=owed.delivery.chat,
        message=message,
        urgency=owed.delivery.urgency,
        nonce=_nonce(owed.delivery) + beside,
        edits=edits,
        answers=answers,
        publishes=owed.subscriber.publishes,
        unseen_since=_unseen_since(owed.delivery),
    )


def _told(delivery: Delivery) -> Told | None:
    """What it has read; what rang and can be edited no more is corrected in the first message alone."""
    if delivery.told is None or delivery.rung_ref is not None:
        return delivery.told
    return replace(delivery.told, heads=_heads(delivery.told), rung=None)


def _heads(told: Told) -> tuple[Head, ...]:
    """All that has headed a message, each once."""
    heads = {head.item: head for head in reversed((*told.heads, *([told.rung] if told.rung else [])))}
    return tuple(reversed(heads.values()))


def _heard(told: Told, now: datetime) -> tuple[Head, ...]:
    """All that has headed a message with a sound, but what was heard to be taken back so lately; the newest first."""
    heads = (told.rung, *told.heads) if told.rung else told.heads
    lately = {
        head.item for head in heads if head.warned is not None and timedelta(0) <= now - head.warned < WARNED_EVERY
    }
    return tuple([head for head in heads if head.rang and head.item not in lately])


def _best_then(owed: _Owed, told: Told) -> Item:
    return best_told([item for item in owed.candidates if item.published <= told.at] or owed.candidates)


def _rises(owed: _Owed, told: Told) -> bool:
    """Whether the chat is to hear of a higher level."""
    is_higher = is_louder(owed.tale.story.level, told.level)
    return is_higher and _is_loud_enough(owed.subscriber, owed.following, owed.tale) and not _is_paused(owed)


def _is_loud_enough(subscriber: Subscriber, following: Following, tale: StorySnapshot) -> bool:
    """Whether a rule of the chat alerts of stories of this level."""
    return not is_louder(following.level or subscriber.level, tale.story.level)


def _is_paused(owed: _Owed) -> bool:
    until = owed.subscriber.paused_until
    return until is not None and until > owed.now


def _newest_told(candidates: Sequence[Item], told: Told) -> Item:
    """What came last since the chat was told, and with it the level: a report in the language of the best of all."""
    best = best_told(candidates)
    unread = [
        item for item in candidates if item.first_seen > told.at and item.lang == best.lang and item.reading.reports
    ]
    last = max((item.first_seen for item in unread), default=told.at)
    return best_told([item for item in unread if item.first_seen == last] or [best])


def _index_of(aliases: Aliases, text: str) -> RuleIndex:
    """One rule, ready to be asked about."""
    index = RuleIndex(aliases)
    try:
        index.add(RuleId(1), parse_rule(text))
    except RuleError as error:
        # Only after a change of the language itself: better an alert too many than all of them lost.
        log.warning("a rule that mutes cannot be read any more", rule=text, problem=str(error))
    return index
