"""What goes out to Telegram: every send and every edit passes here, with a remedy for each refusal that has one."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import structlog
from telegram import Bot, LinkPreviewOptions, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import ChatMigrated, TelegramError

from bot.clock import Clock
from bot.commands.framework.arguments import of_topic
from bot.core.message.blocks import Block, Message, say, without_picture
from bot.core.model import Chat, Urgency
from bot.delivery.limits import ChatKind, Limits
from bot.delivery.outgoing import Outgoing
from bot.errors import SendLater
from bot.platforms import sending
from bot.platforms.base import ChatEvents
from bot.platforms.sending import TOPIC_TRIED_AGAIN, Failure, Trouble
from bot.platforms.telegram.errors import failure_of
from bot.platforms.telegram.markup import parts_of, to_html, to_keyboard, to_reply_markup, to_text
from bot.platforms.telegram.topics import TopicNotifier, TopicStore
from bot.platforms.telegram.updates import whole

log = structlog.get_logger()

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


@dataclass(frozen=True, kw_only=True)
class Attempt(sending.SendAttempt[Message, int]):
    """One part on its way; `topic` is the closed topic that it is about, where it goes to the general one instead."""

    topic: Chat | None = None


def attempts_of(outgoing: Outgoing) -> tuple[Attempt, ...]:
    """A message as its parts: the first takes the place of the message it edits, or answers the one it replies to."""
    first, *others = parts_of(outgoing.message)
    head = Attempt(
        chat=outgoing.chat,
        part=first,
        urgency=outgoing.urgency,
        edits=int(outgoing.edits) if outgoing.edits else None,
        answers=int(outgoing.answers) if outgoing.answers else None,
        begin=outgoing.begin,
    )
    return (head, *(replace(head, part=part, edits=None, answers=None) for part in others))


class Post(sending.Sender[Attempt, int]):
    """Sends messages and edits them, at Telegram's pace (`limiter`)."""

    platform = "Telegram"
    errors = (TelegramError,)

    def __init__(self, bot: Bot, changes: ChatEvents, topics: TopicStore, clock: Clock, limits: Limits) -> None:
        super().__init__(changes, limits, clock)
        self._bot = bot
        self._pays = limits.paid
        self._topics = TopicNotifier(topics, self._say, self._tell_admins)
        self._moved: dict[str, str] = {}
        self._closed: dict[Chat, datetime] = {}
        self._told: set[str] = set()

    async def deliver(self, attempt: Attempt) -> int:
        """Send one part where its chat is now, and return its id. Raises SendError."""
        return await super().deliver(self._redirected(attempt))

    async def moved(self, old: int, new: int) -> None:
        """A group has become a supergroup, which has another id."""
        self._moved[str(old)] = str(new)
        await self._changes.on_migrated(whole(old), whole(new))

    async def reopened(self, chat: Chat) -> None:
        """A topic that was closed is open again, or the general one of a group."""
        self._closed.pop(chat, None)
        await self._topics.opened(chat)

    def has_moved(self, chat_id: int) -> bool:
        """Whether a chat is the old or the new one of a group that became a supergroup since the start."""
        return str(chat_id) in self._moved or str(chat_id) in self._moved.values()

    def failure_of(self, error: Exception) -> Failure:
        return failure_of(error)

    def written(self, attempt: Attempt) -> str:
        return to_html(attempt.part)

    def kind_of(self, chat: Chat) -> ChatKind:
        """Ids of groups and channels are negative; Telegram limits both alike."""
        return ChatKind.GROUP if chat.address.startswith("-") else ChatKind.PRIVATE

    async def request(self, attempt: Attempt) -> int:
        text = to_text(attempt.part) if attempt.plain else to_html(attempt.part)
        parse_mode = None if attempt.plain else ParseMode.HTML
        chat_id = int(attempt.chat.address)
        if attempt.edits is not None:
            await self._bot.edit_message_text(
                text,
                chat_id,
                attempt.edits,
                parse_mode=parse_mode,
                link_preview_options=NO_PREVIEW,
                reply_markup=to_keyboard(attempt.part),
            )
            return attempt.edits
        if attempt.part.picture is not None:
            send = partial(self._bot.send_photo, chat_id, attempt.part.picture.png, text)
        else:
            send = partial(self._bot.send_message, chat_id, text, link_preview_options=NO_PREVIEW)
        answered = ReplyParameters(attempt.answers, allow_sending_without_reply=True) if attempt.answers else None
        sent = await send(
            parse_mode=parse_mode,
            disable_notification=attempt.part.silent,
            message_thread_id=int(attempt.chat.thread) if attempt.chat.thread else None,
            reply_parameters=answered,
            reply_markup=to_reply_markup(attempt.part),
            allow_paid_broadcast=self._pays or None,
        )
        return sent.message_id

    async def mended(self, attempt: Attempt, failure: Failure, error: Exception) -> Attempt | None:
        if isinstance(error, ChatMigrated):
            await self.moved(int(attempt.chat.address), error.new_chat_id)
            return self._redirected(attempt)
        match failure.trouble:
            # Groups can forbid pictures alone; words and a table say what matters.
            case Trouble.NO_RIGHTS if attempt.part.picture is not None:
                return replace(attempt, part=without_picture(attempt.part))
            # Somebody waits for an answer, and gets it below; an alert that was deleted is not told anew.
            case Trouble.NOT_EDITABLE | Trouble.TOPIC_CLOSED if (
                attempt.urgency is Urgency.REPLY and attempt.edits is not None
            ):
                return replace(attempt, edits=None)
            case Trouble.TOPIC_CLOSED if attempt.edits is None:
                return await self._around_closed(attempt)
            case Trouble.TOPIC_DELETED if attempt.chat.thread:
                await self._topics.deleted(attempt.chat)
                if attempt.urgency is not Urgency.REPLY:
                    # It is owed to the general topic now, perhaps by a rule of another number.
                    raise SendLater(timedelta(0)) from error
                return replace(attempt, chat=replace(attempt.chat, thread=""), answers=None)
        return None

    async def _around_closed(self, attempt: Attempt) -> Attempt | None:
        """To the general topic instead; None when that is closed, too: the alert waits."""
        if attempt.chat.thread:
            self._closed[attempt.chat] = self._clock.now()
            await self._topics.closed(attempt.chat)
            return _to_general(attempt)
        shut_out = attempt.topic or attempt.chat
        self._closed.pop(shut_out, None)
        await self._topics.shut_out(shut_out)
        return None

    def _redirected(self, attempt: Attempt) -> Attempt:
        """The attempt with the address that holds now; an answer is tried where it was asked."""
        address = self._moved.get(attempt.chat.address, attempt.chat.address)
        attempt = replace(attempt, chat=replace(attempt.chat, address=address))
        closed = None if attempt.urgency is Urgency.REPLY else self._closed.get(attempt.chat)
        is_closed = closed is not None and timedelta(0) <= self._clock.now() - closed < TOPIC_TRIED_AGAIN
        return _to_general(attempt) if is_closed else attempt

    async def arrived(self, attempt: Attempt) -> None:
        self._closed.pop(attempt.chat, None)
        await super().arrived(attempt)
        # Only groups have topics.
        if attempt.topic is None and attempt.edits is None and self.kind_of(attempt.chat) is ChatKind.GROUP:
            await self._topics.arrived(attempt.chat)

    async def closed(self, chat: Chat) -> None:
        """Once in a run: tell those who can help that we may not write in a chat."""
        if chat.address in self._told:
            return
        self._told.add(chat.address)
        sentence = (
            "I can't write in {title}, so its alerts will wait for up to a day. An admin can let me write, or "
            "remove me."
        )
        await self._tell_admins(chat, lambda title: Message((Block(say(sentence, title=title)),)))

    async def _tell_admins(self, chat: Chat, said_of: Callable[[str], Message]) -> bool:
        """Tell the admins of a chat in private, as far as they ever wrote to us; whether any was told."""
        try:
            title = (await self._bot.get_chat(int(chat.address))).title or "a chat"
            admins = await self._bot.get_chat_administrators(int(chat.address))
        except TelegramError as error:
            log.info("admins cannot be told what is wrong in their chat", chat=chat, problem=error.message)
            return False
        told = 0
        for admin in admins:
            if admin.user.is_bot:
                continue
            try:
                chat, message = whole(admin.user.id), said_of(title)
                await self.request_at_turn(Attempt(chat=chat, part=message, urgency=Urgency.REPLY))
            except TelegramError as error:
                log.info("an admin cannot be told", problem=error.message)
            else:
                told += 1
        return told > 0

    async def _say(self, chat: Chat, message: Message) -> bool:
        """Say something in a chat; False where we may not. Raises SendError."""
        try:
            await self.request_at_turn(Attempt(chat=chat, part=message, urgency=Urgency.REPLY))
        except TelegramError as error:
            failure = failure_of(error)
            if failure.trouble in {Trouble.TOPIC_CLOSED, Trouble.NO_RIGHTS}:
                return False
            raise failure.error from error
        return True


def _to_general(attempt: Attempt) -> Attempt:
    """The attempt in the general topic of its group, since its own is closed."""
    topic = attempt.chat
    part = of_topic(attempt.part, topic.thread)
    return replace(attempt, chat=replace(topic, thread=""), part=part, answers=None, topic=topic)
