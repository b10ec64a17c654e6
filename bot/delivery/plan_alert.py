"""What a chat is to be sent about a story: decided from the story, the chat, and what it has been sent. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.core.briefing.headlines import best_told
from bot.core.model import Following, Item, Level, MessageKind, Nothing, SentAlert, ShownHeadline, Subscriber, Unwanted
from bot.core.stories.corroboration import upheld
from bot.core.stories.levels import is_louder
from bot.core.wording.alert import Correction, content_hash
from bot.core.wording.readership import Readership
from bot.delivery.snapshot import StorySnapshot

# So long the same report rings no second time for being taken back: some titles go back and forth.
CORRECTED_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatContext:
    """What a chat wants of a story.

    `following` is the rule that alerts it, None if none does any more; `satisfying` are the reports that satisfy that.
    """

    subscriber: Subscriber
    following: Following | None
    satisfying: Sequence[Item]
    is_muted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """A new message, headed by `lead`, which replies to the message `answers`.

    `correction` is there where it brings that. `sent` is all that the chat has been sent once it has this, too: the
    last is this one, which has no ref yet.
    """

    following: Following
    lead: Item
    correction: Correction | None = None
    answers: SentAlert | None = None
    sent: tuple[SentAlert, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A message is to read otherwise; `sent` is all that the chat has been sent then."""

    following: Following
    message: SentAlert
    lead: Item
    corrections: Sequence[Correction]
    sent: tuple[SentAlert, ...]


def plan_alert(
    story: StorySnapshot, chat: ChatContext, sent: Sequence[SentAlert], now: datetime
) -> Send | Edit | Nothing:
    """The next step towards a chat that knows what is true; more may be due once it is done.

    What was sent stays as it is once no rule asks for the story any more. A mute keeps back all but corrections, which
    come without a sound then.
    """
    if chat.following is None:
        noted = tuple([replace(each, revision=story.story.revision) for each in sent])
        return Nothing(why=Unwanted.UNFOLLOWED, sent=noted)
    planner = _Planner(story, chat, chat.following, tuple(sent), now)
    if chat.is_muted:
        return planner.muted()
    if not sent:
        return planner.alert()
    if planner.rises() and not planner.is_paused:
        return planner.update()
    return planner.correction() or planner.edit()


def is_wanted(following: Following, subscriber: Subscriber, level: Level) -> bool:
    """Whether a rule of the chat alerts of stories of this level."""
    return not is_louder(following.level or subscriber.level, level)


class _Planner:
    """What each plan takes. `first` and `followup` are the messages that are kept up to date, as far as they can be."""

    def __init__(
        self,
        snapshot: StorySnapshot,
        chat: ChatContext,
        following: Following,
        sent: tuple[SentAlert, ...],
        now: datetime,
    ) -> None:
        self.snapshot = snapshot
        self.story = snapshot.story
        self.subscriber = chat.subscriber
        self.following = following
        self.sent = sent
        self.now = now
        self.is_paused = (chat.subscriber.paused_until or now) > now
        self.is_wanted = is_wanted(following, chat.subscriber, self.story.level)
        editable = [each for each in sent if each.editable]
        self.first = editable[0] if editable else None
        self.followup = editable[-1] if len(editable) > 1 else None
        # Loudest first; what a mute has kept back counts as heard.
        self.heard_level = next((level for level in Level if any(each.level is level for each in sent)), None)
        self.corrected_until = max((each.corrected_until for each in sent), default=now)
        self.headlines = [each for message in sent for each in message.headlines]
        # What may head a message: reports that satisfy the rule, else those that have headed one, else any.
        shown = tuple(snapshot.items_of(each.item for each in self.headlines))
        choices = (chat.satisfying, shown, self.story.items)
        self.candidates = next((found for items in choices if (found := upheld(items))), self.story.items)

    def rises(self) -> bool:
        """Whether the story has come to a higher level than the chat has heard of, and wants to."""
        return self.is_wanted and self.heard_level is not None and is_louder(self.story.level, self.heard_level)

    def _best(self, items: Sequence[Item]) -> Item:
        """The report that heads a message, of these, which all may."""
        return best_told(items, self.subscriber.langs)

    def muted(self) -> Edit | Nothing:
        """No sound, and nothing new until the mute ends; no sound then for what rose meanwhile either."""
        if self.rises():
            kept_back = self._message(MessageKind.SUPPRESSED, editable=False, rang=False)
            return Nothing(why=Unwanted.MUTED, sent=(*self.sent, kept_back))
        if all(map(self.snapshot.is_current, self.headlines)):
            return Nothing(why=Unwanted.MUTED)
        return self.edit()

    def alert(self) -> Send | Nothing:
        """The first that the chat reads of the story."""
        if self.is_paused:
            return Nothing(why=Unwanted.PAUSED)
        if not self.is_wanted:
            return Nothing(why=Unwanted.QUIET)
        lead = self._best(self.candidates)
        message = self._message(MessageKind.ALERT, lead, content_hash=self._content_hash(lead, ()))
        return Send(following=self.following, lead=lead, sent=(message,))

    def update(self) -> Send:
        """News of a higher level, told by what came last: a report in the language of the best of all, or in one that
        the chat reads.
        """
        best, since = self._best(self.candidates), self.sent[0].sent_at
        fresh = [
            item
            for item in self.candidates
            if item.first_seen > since
            and (item.lang == best.lang or item.lang in self.subscriber.langs)
            and item.reading.reports
        ]
        last = max((item.first_seen for item in fresh), default=since)
        lead = self._best([item for item in fresh if item.first_seen == last] or [best])
        return self._reply(self.first, self._message(MessageKind.UPDATE, lead), lead)

    def correction(self) -> Send | None:
        """A reply that says what was taken back of what has rung, and rings as that did.

        None if the chat knows, or need not be woken: it is paused, or has heard within the hour that the same report
        was taken back. Before it takes the place of the message that came last, that is corrected.
        """
        wakes = self.heard_level is not None and self.subscriber.rings_for(self.heard_level) and not self.is_paused
        if not wakes or self._is_followup_outdated():
            return None
        lately = {
            headline.item
            for message in self.sent
            if message.kind is MessageKind.CORRECTION and timedelta(0) <= self.now - message.sent_at < CORRECTED_EVERY
            for headline in message.headlines
        }
        heard = [headline for message in reversed(self.sent) if message.rang for headline in message.headlines]
        found = self.snapshot.newest_reversal([each for each in heard if each.item not in lately], self.corrected_until)
        if found is None:
            return None
        headline, correction = found
        known_until = self.snapshot.last_reversal or self.now
        message = self._message(
            MessageKind.CORRECTION,
            correction.item,
            level=self.heard_level,
            rang=True,
            corrected_until=known_until,
        )
        is_of_followup = self.followup and headline.item in {each.item for each in self.followup.headlines}
        return self._reply(self.followup if is_of_followup else self.first, message, correction.item, correction)

    def edit(self) -> Edit | Nothing:
        """What came after the first message is edited where its own words are corrected, and before the first."""
        if self.followup is not None and self._is_followup_outdated():
            return self._edit_followup(self.followup)
        lead = self._best(self.candidates)
        read = {each.item: each for each in sorted(self.headlines, key=lambda each: each.since, reverse=True)}
        corrections = self._corrections(sorted(read.values(), key=lambda each: each.since))
        content = self._content_hash(lead, corrections)
        sent = tuple([self._brought_up(each, lead, content) for each in self.sent])
        if self.first is None or self.first.content_hash == content:
            return Nothing(sent=sent)
        return self._edit(self.first, lead, corrections, sent)

    def _edit_followup(self, followup: SentAlert) -> Edit:
        own = next((item for item in self.snapshot.items_of([each.item for each in followup.headlines])), None)
        lead = self._best(self.candidates) if own is None or own.reading.is_withdrawn else own
        shown = tuple(map(self.snapshot.brought_up, followup.headlines))
        edited = replace(followup, revision=self.story.revision, headlines=shown)
        sent = tuple([edited if each is followup else each for each in self.sent])
        return self._edit(followup, lead, self._corrections(followup.headlines), sent)

    def _is_followup_outdated(self) -> bool:
        return self.followup is not None and not all(map(self.snapshot.is_current, self.followup.headlines))

    def _reply(
        self, to: SentAlert | None, message: SentAlert, lead: Item, correction: Correction | None = None
    ) -> Send:
        """A new message, after which only the first one before it is kept up to date."""
        others = [replace(each, editable=each is self.first) for each in self.sent]
        sent = (*others, message)
        return Send(following=self.following, lead=lead, correction=correction, answers=to, sent=sent)

    def _edit(
        self, message: SentAlert, lead: Item, corrections: Sequence[Correction], sent: tuple[SentAlert, ...]
    ) -> Edit:
        return Edit(following=self.following, message=message, lead=lead, corrections=corrections, sent=sent)

    def _brought_up(self, message: SentAlert, lead: Item, content: bytes) -> SentAlert:
        """A message once the first one shows what the story has come to."""
        known_until = self.snapshot.last_reversal or message.corrected_until
        message = replace(message, revision=self.story.revision, corrected_until=known_until)
        if self.first is None or message.number == (self.followup and self.followup.number):
            return message
        shown = tuple(map(self.snapshot.brought_up, message.headlines))
        if message.number != self.first.number:
            return replace(message, headlines=shown)
        if self.snapshot.id_of(lead) not in {each.item for each in shown}:
            shown = (*shown, self._headline(lead))
        return replace(
            message,
            headlines=shown,
            content_hash=content,
            rule_number=self.following.number,
            rule_text=self.following.text,
        )

    def _message(self, kind: MessageKind, lead: Item | None = None, **fields: Any) -> SentAlert:
        made = SentAlert(
            number=len(self.sent) + 1,
            ref=None,
            kind=kind,
            sent_at=self.now,
            level=self.story.level,
            revision=self.story.revision,
            rang=self.subscriber.rings_for(self.story.level),
            rule_number=self.following.number,
            rule_text=self.following.text,
            corrected_until=self.corrected_until,
            headlines=() if lead is None else (self._headline(lead),),
        )
        return replace(made, **fields)

    def _headline(self, item: Item) -> ShownHeadline:
        return ShownHeadline(item=self.snapshot.id_of(item), title=item.title, since=self.now)

    def _corrections(self, read: Iterable[ShownHeadline]) -> tuple[Correction, ...]:
        found = map(self.snapshot.correction_of, read)
        return tuple([each for each in found if each is not None])

    def _content_hash(self, lead: Item, corrections: Sequence[Correction]) -> bytes:
        return content_hash(
            self.story,
            lead,
            corrections,
            number=self.following.number,
            rule_text=self.following.text,
            in_channel=self.subscriber.is_channel,
            readership=Readership(langs=self.subscriber.langs),
        )
