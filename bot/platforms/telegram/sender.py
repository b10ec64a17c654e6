"""What goes out to Telegram: every send and every edit passes here, with a remedy for each refusal that has one."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import structlog
from telegram import Bot, LinkPreviewOptions, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import ChatMigrated, RetryAfter, TelegramError

from bot.clock import Clock
from bot.commands.framework.arguments import of_topic
from bot.core.message.blocks import Block, Message, say, without_picture
from bot.core.model import Chat, Urgency
from bot.delivery.limiter import RateLimiter
from bot.delivery.limits import ChatKind, Limits
from bot.delivery.outgoing import Begin, Outgoing
from bot.errors import SendError, SendLater
from bot.platforms.base import ChatEvents
from bot.platforms.closed_chats import ClosedChats
from bot.platforms.telegram.errors import TOPIC_TRIED_AGAIN, Trouble, to_send_error, trouble_of, wait_of
from bot.platforms.telegram.markup import parts_of, to_html, to_keyboard, to_reply_markup, to_text
from bot.platforms.telegram.topics import TopicNotifier, TopicStore
from bot.platforms.telegram.updates import whole

log = structlog.get_logger()

# A group that moved, a closed topic, faulty markup and a lost message can all befall one part.
MOST_ATTEMPTS = 5

# Whoever asked has gone after half a minute; what the outbox owes goes back into it after five.
PATIENCE = {urgency: timedelta(minutes=5) for urgency in Urgency} | {Urgency.REPLY: timedelta(seconds=30)}

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One part on its way: a new message or, with `edits`, another text for a message that stands already.

    `topic` is the closed topic that it is about, where it goes to the general one instead.
    """

    chat: Chat
    part: Message
    plain: bool = False
    edits: int | None = None
    reply_to: int | None = None
    urgency: Urgency = Urgency.REPLY
    topic: Chat | None = None
    begin: Begin | None = None


def attempts_of(outgoing: Outgoing) -> tuple[Attempt, ...]:
    """A message as its parts: the first takes the place of the message it edits, or answers the one it replies to."""
    first, *others = parts_of(outgoing.message)
    head = Attempt(
        chat=outgoing.chat,
        part=first,
        urgency=outgoing.urgency,
        edits=int(outgoing.edits) if outgoing.edits else None,
        reply_to=int(outgoing.answers) if outgoing.answers else None,
        begin=outgoing.begin,
    )
    return (head, *(replace(head, part=part, edits=None, reply_to=None) for part in others))


class Post:
    """Sends messages and edits them, at Telegram's pace (`limiter`)."""

    def __init__(self, bot: Bot, changes: ChatEvents, topics: TopicStore, clock: Clock, limits: Limits) -> None:
        self._bot = bot
        self.limiter = RateLimiter(limits, _wait_asked, clock)
        self.closed_chats = ClosedChats(clock, changes.on_regained)
        self._pays = limits.paid
        self._changes = changes
        self._topics = TopicNotifier(topics, self._say, self._tell_admins)
        self._clock = clock
        self._moved: dict[str, str] = {}
        self._closed: dict[Chat, datetime] = {}
        self._told: set[str] = set()

    async def deliver(self, attempt: Attempt) -> int:
        """Send one part, and return its id. Raises SendError."""
        attempt = self._redirected(attempt)
        if attempt.urgency is not Urgency.REPLY:
            self.closed_chats.check(attempt.chat)
        for _ in range(MOST_ATTEMPTS):
            try:
                sent = await self._request(attempt)
            except TelegramError as error:
                if attempt.edits is not None and trouble_of(error) is Trouble.UNCHANGED:
                    return attempt.edits
                attempt = await self._mended(attempt, error)
            else:
                await self._arrived(attempt)
                return sent
        raise SendError("Telegram refuses it in every form")

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

    async def _request(self, attempt: Attempt) -> int:
        """One request at its turn, without remedies. Raises TelegramError."""
        address = attempt.chat.address
        # Ids of groups and channels are negative; Telegram limits both alike.
        kind = ChatKind.GROUP if address.startswith("-") else ChatKind.PRIVATE
        return await self.limiter.run(
            partial(self._request_now, attempt),
            chat=address,
            kind=kind,
            urgency=attempt.urgency,
            patience=PATIENCE[attempt.urgency],
            begin=attempt.begin,
        )

    async def _request_now(self, attempt: Attempt) -> int:
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
        answered = ReplyParameters(attempt.reply_to, allow_sending_without_reply=True) if attempt.reply_to else None
        sent = await send(
            parse_mode=parse_mode,
            disable_notification=attempt.part.silent,
            message_thread_id=int(attempt.chat.thread) if attempt.chat.thread else None,
            reply_parameters=answered,
            reply_markup=to_reply_markup(attempt.part),
            allow_paid_broadcast=self._pays or None,
        )
        return sent.message_id

    async def _mended(self, attempt: Attempt, error: TelegramError) -> Attempt:
        """Another attempt that may go better. Raises SendError when there is none."""
        if isinstance(error, ChatMigrated):
            await self.moved(int(attempt.chat.address), error.new_chat_id)
            return self._redirected(attempt)
        match trouble_of(error):
            case Trouble.MARKUP if not attempt.plain:
                log.error("Telegram cannot read our markup", problem=error.message, html=to_html(attempt.part))
                return replace(attempt, plain=True)
            # Groups can forbid pictures alone; words and a table say what matters.
            case Trouble.NO_RIGHTS if attempt.part.picture is not None:
                return replace(attempt, part=without_picture(attempt.part))
            # Somebody waits for an answer, and gets it below; an alert that was deleted is not told anew.
            case Trouble.NOT_EDITABLE | Trouble.TOPIC_CLOSED if (
                attempt.urgency is Urgency.REPLY and attempt.edits is not None
            ):
                return replace(attempt, edits=None)
            case Trouble.TOPIC_CLOSED if attempt.edits is None:
                return await self._around_closed(attempt, error)
            case Trouble.TOPIC_DELETED if attempt.chat.thread:
                return await self._around_deleted(attempt, error)
            case Trouble.GONE:
                self.closed_chats.forget(attempt.chat)
                await self._changes.on_lost(replace(attempt.chat, thread=""))
            case Trouble.NO_RIGHTS:
                self.closed_chats.close(attempt.chat, error.message)
                await self._tell_of_rights(attempt.chat)
        raise to_send_error(error) from error

    async def _around_closed(self, attempt: Attempt, error: TelegramError) -> Attempt:
        """To the general topic instead. Raises SendError when that is closed, too: the alert waits."""
        if attempt.chat.thread:
            self._closed[attempt.chat] = self._clock.now()
            await self._topics.closed(attempt.chat)
            return _to_general(attempt)
        shut_out = attempt.topic or attempt.chat
        self._closed.pop(shut_out, None)
        await self._topics.shut_out(shut_out)
        raise to_send_error(error) from error

    async def _around_deleted(self, attempt: Attempt, error: TelegramError) -> Attempt:
        """An answer goes to the general topic; an alert is owed to that now, perhaps by a rule of another number."""
        await self._topics.deleted(attempt.chat)
        if attempt.urgency is not Urgency.REPLY:
            raise SendLater(timedelta(0)) from error
        return replace(attempt, chat=replace(attempt.chat, thread=""), reply_to=None)

    def _redirected(self, attempt: Attempt) -> Attempt:
        """The attempt with the address that holds now; an answer is tried where it was asked."""
        address = self._moved.get(attempt.chat.address, attempt.chat.address)
        attempt = replace(attempt, chat=replace(attempt.chat, address=address))
        closed = None if attempt.urgency is Urgency.REPLY else self._closed.get(attempt.chat)
        is_closed = closed is not None and timedelta(0) <= self._clock.now() - closed < TOPIC_TRIED_AGAIN
        return _to_general(attempt) if is_closed else attempt

    async def _arrived(self, attempt: Attempt) -> None:
        """Only groups have topics; their ids are negative."""
        self._closed.pop(attempt.chat, None)
        await self.closed_chats.arrived(attempt.chat)
        if attempt.topic is None and attempt.edits is None and attempt.chat.address.startswith("-"):
            await self._topics.arrived(attempt.chat)

    async def _tell_of_rights(self, chat: Chat) -> None:
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
        message = said_of(title)
        return any([await self._tell(admin.user.id, message) for admin in admins if not admin.user.is_bot])

    async def _tell(self, user_id: int, message: Message) -> bool:
        try:
            await self._request(Attempt(chat=whole(user_id), part=message))
        except TelegramError as error:
            log.info("an admin cannot be told", problem=error.message)
            return False
        return True

    async def _say(self, chat: Chat, message: Message) -> bool:
        """Say something in a chat; False where we may not. Raises SendError."""
        try:
            await self._request(Attempt(chat=chat, part=message))
        except TelegramError as error:
            if trouble_of(error) in {Trouble.TOPIC_CLOSED, Trouble.NO_RIGHTS}:
                return False
            raise to_send_error(error) from error
        return True


def _to_general(attempt: Attempt) -> Attempt:
    """The attempt in the general topic of its group, since its own is closed."""
    topic = attempt.chat
    part = of_topic(attempt.part, topic.thread)
    return replace(attempt, chat=replace(topic, thread=""), part=part, reply_to=None, topic=topic)


def _wait_asked(error: Exception) -> timedelta | None:
    return wait_of(error) if isinstance(error, RetryAfter) else None
