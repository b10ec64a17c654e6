"""Telegram's side of the loopback: people, groups, topics, messages, updates. Chats are JSON, as Telegram has them."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.builders import ManualClock
from tests.platforms.telegram.entities import found_in
from tests.platforms.telegram.html import Entity

PATIENCE = 5.0  # seconds; what is waited for takes milliseconds

Json = dict[str, Any]

BOT: Json = {"id": 1234567890, "is_bot": True, "first_name": "Faultline", "username": "faultline_bot"}
ANONYMOUS: Json = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
# The general topic of a forum in `Room.topics`; nobody is told this number.
GENERAL = 1
# Without allowed_updates Telegram sends all kinds but these.
ONLY_WHEN_ASKED = {"chat_member", "message_reaction", "message_reaction_count"}


class Refusal(Exception):
    """What Telegram answers instead of a result."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        self.code = code
        self.description = description
        self.parameters = parameters
        super().__init__(description)


def flood(seconds: int) -> Refusal:
    return Refusal(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


@dataclass(slots=True)
class Sent:
    """A message of the bot's, as people see it."""

    id: int
    text: str
    entities: tuple[Entity, ...]
    keyboard: list[list[Json]]
    thread: int | None
    silent: bool
    reply_to: int | None
    html: str
    markup: Json = field(default_factory=dict)  # reply_markup, where it is no inline keyboard
    edits: int = 0
    deleted: bool = False
    paid: bool = False
    photo: bytes = b""

    @property
    def buttons(self) -> dict[str, str]:
        return {button["text"]: button["callback_data"] for row in self.keyboard for button in row}

    def styled(self, type_: str) -> list[str]:
        """The stretches of the text that have an entity of this type."""
        raw = self.text.encode("utf-16-le")
        return [
            raw[2 * entity.offset : 2 * (entity.offset + entity.length)].decode("utf-16-le")
            for entity in self.entities
            if entity.type == type_
        ]

    @property
    def alive(self) -> list[str]:
        """What people can press in the text though it was not sent as a link."""
        return [words for _, words in found_in(self.text, self.entities)]


@dataclass(slots=True)
class Room:
    """A private chat, group or channel: `refusal` is what the bot is told when it writes there."""

    chat: Json
    members: dict[int, str] = field(default_factory=dict)  # user id: status
    people: dict[int, Json] = field(default_factory=dict)
    topics: dict[int, str] = field(default_factory=dict)  # topic id: open, closed or deleted
    posting: bool = True  # in a channel: whether the bot, as an administrator, may post
    refusal: Refusal | None = None
    sent: list[Sent] = field(default_factory=list)
    read: int = 0  # how many revisions were waited for
    log: list[Sent] = field(default_factory=list)  # every message and every edit, in order

    @property
    def id(self) -> int:
        return int(self.chat["id"])


class World:
    """What people do, and what they see. `changed` is set by all that the bot does."""

    def __init__(self, clock: ManualClock | None = None) -> None:
        self.clock = clock or ManualClock()
        self.rooms: dict[int, Room] = {}
        self.updates: list[Json] = []
        self.presses: dict[str, Json | None] = {}  # query id: how it was answered
        self.actions: list[tuple[int, str]] = []  # what the bot was seen to be doing, and where
        self.calls: Counter[str] = Counter()
        self.refused: Counter[int] = Counter()
        self.menus: dict[str, list[Json]] = {}
        self.allowed: list[str] = []
        self.changed = asyncio.Event()
        self.news = asyncio.Event()
        self._askers: dict[tuple[int, int], Json] = {}  # who wrote a message, by chat and number
        self._ids = iter(range(1, 1_000_000))
        self._user_ids = iter(range(5001, 1_000_000))
        self._group_ids = iter(range(9001, 1_000_000))

    def next_id(self) -> int:
        return next(self._ids)

    # Who is there

    def person(self, name: str = "Ann") -> Room:
        """Somebody who has written to the bot before; their private chat."""
        id_ = next(self._user_ids)
        user = {"id": id_, "is_bot": False, "first_name": name}
        return self._add({"id": id_, "type": "private", "first_name": name}, people={id_: user})

    def group(self, title: str = "Harbour watch", *, admin: Room | None = None, forum: bool = False) -> Room:
        """A group that the bot is in: a supergroup if it is a forum."""
        id_ = next(self._group_ids)
        chat: Json = {"id": -id_, "type": "group", "title": title}
        if forum:
            chat = {"id": -1_000_000_000_000 - id_, "type": "supergroup", "title": title, "is_forum": True}
        room = self._add(chat)
        room.members[BOT["id"]] = "member"
        if admin is not None:
            self.promotes(room, admin, silently=True)
        return room

    def channel(self, title: str, *, admin: Room, name: str | None = None, known: bool = True) -> Room:
        """A channel; one that is `known` has the bot as an administrator."""
        chat: Json = {"id": -1_000_000_000_000 - next(self._group_ids), "type": "channel", "title": title}
        room = self._add(chat | ({"username": name} if name else {}))
        room.members[BOT["id"]] = "administrator" if known else "left"
        self.promotes(room, admin, silently=True)
        return room

    def _add(self, chat: Json, people: dict[int, Json] | None = None) -> Room:
        room = self.rooms[chat["id"]] = Room(chat=chat, people=people or {})
        return room

    # What they do

    def says(
        self,
        who: Room,
        text: str,
        *,
        where: Room | None = None,
        topic: int | None = None,
        anonymously: bool = False,
        ago: float = 0,
        answers: int | None = None,
    ) -> int:
        """Somebody writes, in their private chat or elsewhere, perhaps to a message; returns the message's id."""
        room = where or who
        message = self._message(room, topic, ago) | {"text": text, "from": self._user(who)}
        if answers is not None:
            message["reply_to_message"] = self._message(room, topic, ago) | {"message_id": answers}
        if anonymously or room.chat["type"] == "channel":
            message |= {"from": ANONYMOUS, "sender_chat": room.chat}
        if text.startswith("/"):
            length = len(text.split(maxsplit=1)[0])
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
        self._askers[room.id, int(message["message_id"])] = message["from"]
        self.update("channel_post" if room.chat["type"] == "channel" else "message", message)
        return int(message["message_id"])

    def shows(self, who: Room, caption: str = "", *, where: Room | None = None, album: str | None = None) -> None:
        """Somebody sends a picture, alone or with others of an album."""
        picture = {"file_id": "p", "file_unique_id": "u", "width": 1, "height": 1}
        message = self._message(where or who, None, 0) | {"photo": [picture], "from": self._user(who)}
        extra = {"caption": caption, "media_group_id": album}
        self.update("message", message | {name: value for name, value in extra.items() if value})

    def forwards(self, who: Room, post: str, *, of: Room, where: Room | None = None) -> None:
        """Somebody shows the bot, in private or elsewhere, a post of a channel or what another person wrote."""
        date = int(self.clock.now().timestamp())
        origin: Json = {"type": "user", "date": date, "sender_user": of.people.get(of.id)}
        if of.chat["type"] == "channel":
            origin = {"type": "channel", "date": date, "chat": of.chat, "message_id": self.next_id()}
        message = self._message(where or who, None, 0) | {"from": self._user(who)}
        self.update("message", message | {"text": post, "forward_origin": origin})

    def picks(self, who: Room, channel: Room) -> None:
        """Somebody picks a channel with the button that the bot has put below the keyboard; it lets the bot in."""
        found = next(sent.markup["keyboard"] for sent in reversed(who.sent) if "keyboard" in sent.markup)
        wish = found[0][0]["request_chat"]
        assert wish["chat_is_channel"], "groups are not offered"
        assert wish["bot_administrator_rights"]["can_post_messages"]
        channel.members[BOT["id"]] = "administrator"
        shared = {"request_id": wish["request_id"], "chat_id": channel.id}
        self.update("message", self._message(who, None, 0) | {"from": self._user(who), "chat_shared": shared})

    def edits(self, who: Room, message_id: int, text: str) -> None:
        """Somebody mends what they wrote."""
        message = self._message(who, None, 0) | {"message_id": message_id, "text": text, "from": self._user(who)}
        self.update("edited_message", message | {"edit_date": int(self.clock.now().timestamp())})

    def presses_button(
        self,
        who: Room,
        label: str,
        *,
        where: Room | None = None,
        data: str | None = None,
        forged: str | None = None,
        shown: bool = True,
    ) -> str:
        """Somebody presses the newest button with this label; returns the id of the press.

        `data` is what the button carries where another version of the bot has sent it; `forged` is what no button
        carries, sent by a program. Of a message that is not `shown` any more Telegram tells only the number.
        """
        room = where or who
        found = next((sent for sent in reversed(room.sent) if label in sent.buttons and not sent.deleted), None)
        assert found is not None, f"no button {label!r} in {[sent.buttons for sent in room.sent]}"
        carried = data or found.buttons[label]
        keyboard = [
            [button | {"callback_data": carried} if button["text"] == label else button for button in row]
            for row in found.keyboard
        ]
        message = self._message(room, found.thread, 0) | {"message_id": found.id, "from": BOT, "text": found.text}
        message |= {"reply_markup": {"inline_keyboard": keyboard}}
        asker = self._askers.get((room.id, found.reply_to or 0))
        if asker is not None:
            message["reply_to_message"] = self._message(room, None, 0) | {"message_id": found.reply_to, "from": asker}
        if not shown:
            message = {"message_id": found.id, "date": 0, "chat": room.chat}
        query: Json = {
            "id": f"press-{self.next_id()}",
            "from": self._user(who),
            "message": message,
            "chat_instance": "1",
        }
        self.presses[query["id"]] = None
        self.update("callback_query", query | {"data": forged or carried})
        return str(query["id"])

    def reopens(self, room: Room, who: Room, topic: int = GENERAL) -> None:
        """Somebody opens a topic of a forum again; the message that says so stands in it."""
        room.topics[topic] = "open"
        message = self._message(room, None if topic == GENERAL else topic, 0)
        self.update("message", message | {"from": self._user(who), "forum_topic_reopened": {}})

    def blocks(self, who: Room) -> None:
        """Somebody blocks the bot."""
        who.refusal = Refusal(403, "Forbidden: bot was blocked by the user")
        self._membership(who, who, "member", "kicked")

    def unblocks(self, who: Room) -> None:
        who.refusal = None
        self._membership(who, who, "kicked", "member")

    def kicks(self, room: Room, by: Room) -> None:
        """The bot is thrown out of a group."""
        kind = room.chat["type"]
        room.refusal = Refusal(403, f"Forbidden: bot was kicked from the {kind} chat")
        self._membership(room, by, "member", "kicked")

    def adds(self, room: Room, by: Room, *, status: str = "member") -> None:
        """The bot is brought into a group or channel."""
        room.refusal = None
        self._membership(room, by, "left", status)

    def restricts_us(self, room: Room, by: Room) -> None:
        """An admin takes the bot's right to write in a group."""
        self._membership(room, by, "member", "restricted")
        room.refusal = Refusal(400, "Bad Request: not enough rights to send text messages to the chat")

    def frees_us(self, room: Room, by: Room) -> None:
        """An admin gives it back."""
        self._membership(room, by, "restricted", "member")
        room.refusal = None

    def lets_us_post(self, channel: Room, by: Room, *, posting: bool) -> None:
        """An admin gives the bot the right to post in a channel, or takes it."""
        before, after = (member(BOT, "administrator", posting=each) for each in (channel.posting, posting))
        change = self.change_of_bot(channel, by, "administrator", "administrator")
        self.update("my_chat_member", change | {"old_chat_member": before, "new_chat_member": after})
        channel.posting = posting
        refusal = Refusal(400, "Bad Request: need administrator rights in the channel chat")
        channel.refusal = None if posting else refusal

    def promotes(self, room: Room, who: Room, *, silently: bool = False) -> None:
        """Somebody becomes an administrator."""
        self._ranks(room, who, "administrator", silently=silently)

    def demotes(self, room: Room, who: Room, *, silently: bool = False) -> None:
        self._ranks(room, who, "member", silently=silently)

    def upgrades(self, room: Room, *, telling: bool = True) -> Room:
        """A group becomes a supergroup; both get their service message, unless nobody was there to read them."""
        chat = room.chat | {"id": -1_000_000_000_000 + room.id, "type": "supergroup"}
        new = self._add(chat, room.people)
        new.members = dict(room.members)
        room.refusal = Refusal(
            400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=new.id
        )
        if telling:
            self.update("message", self._message(room, None, 0) | {"migrate_to_chat_id": new.id})
            self.update("message", self._message(new, None, 0) | {"migrate_from_chat_id": room.id})
        return new

    def update(self, kind: str, content: Any) -> None:
        """Telegram has something for the bot."""
        wanted = kind in self.allowed if self.allowed else kind not in ONLY_WHEN_ASKED
        if wanted:
            self.updates.append({"update_id": 700_000 + self.next_id(), kind: content})
            self.news.set()

    def _ranks(self, room: Room, who: Room, status: str, *, silently: bool) -> None:
        before = room.members.get(who.id, "member")
        room.members[who.id] = status
        room.people[who.id] = self._user(who)
        if not silently:
            self.update("chat_member", self._change(room, who, self._user(who), before, status))

    def _membership(self, room: Room, by: Room, before: str, after: str) -> None:
        room.members[BOT["id"]] = after
        self.update("my_chat_member", self.change_of_bot(room, by, before, after))

    def change_of_bot(self, room: Room, by: Room, before: str, after: str) -> Json:
        """What Telegram says when the bot's own place in a chat changes."""
        return self._change(room, by, BOT, before, after)

    def _change(self, room: Room, by: Room, user: Json, before: str, after: str) -> Json:
        change = {"chat": room.chat, "from": self._user(by), "date": int(self.clock.now().timestamp())}
        return change | {"old_chat_member": member(user, before), "new_chat_member": member(user, after)}

    def _message(self, room: Room, topic: int | None, ago: float) -> Json:
        message: Json = {
            "message_id": self.next_id(),
            "date": int(self.clock.now().timestamp() - ago),
            "chat": room.chat,
        }
        if topic is not None:
            room.topics.setdefault(topic, "open")
            message |= {"message_thread_id": topic, "is_topic_message": True}
        return message

    def _user(self, who: Room) -> Json:
        return who.people[who.id]

    # What they see

    def sent_to(self, room: Room) -> list[str]:
        """The texts that stand in a chat now."""
        return [sent.text for sent in room.sent]

    async def sees(self, room: Room, words: str = "") -> Sent:
        """Wait until these words come, new or by an edit, after what was waited for before."""
        found: list[Sent] = []

        def has_come() -> bool:
            for place in range(room.read, len(room.log)):
                if words in room.log[place].text:
                    room.read = place + 1
                    found.append(room.log[place])
                    return True
            return False

        await self.until(has_come, lambda: f"{words!r} in {[sent.text for sent in room.log[room.read :]]}")
        return found[0]

    async def until(self, happened: Callable[[], bool], wanted: Callable[[], str] = lambda: "") -> None:
        """Wait until the bot has done something."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not happened():
                    self.changed.clear()
                    await self.changed.wait()
        except TimeoutError:
            raise AssertionError(f"waited in vain: {wanted()}") from None


def member(user: Json, status: str, *, posting: bool | None = None) -> Json:
    """A ChatMember of this status; in a channel, administrators are `posting` or not."""
    extra: Json = {}
    if status == "administrator":
        rights = ("can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats")
        more = ("can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users")
        stories = ("can_post_stories", "can_edit_stories", "can_delete_stories")
        extra = dict.fromkeys((*rights, *more, *stories), False)
        if posting is not None:
            extra |= {"can_post_messages": posting}
    elif status == "creator":
        extra = {"is_anonymous": False}
    elif status == "kicked":
        extra = {"until_date": 0}
    elif status == "restricted":
        rights = ("can_send_messages", "can_send_audios", "can_send_documents", "can_send_photos", "can_send_videos")
        more = ("can_send_video_notes", "can_send_voice_notes", "can_send_polls", "can_send_other_messages")
        other = ("can_add_web_page_previews", "can_change_info", "can_invite_users", "can_pin_messages")
        extra = dict.fromkeys(
            (*rights, *more, *other, "can_manage_topics", "can_edit_tag", "can_react_to_messages"), False
        )
        extra |= {"is_member": True, "until_date": 0}
    return {"user": user, "status": status} | extra
