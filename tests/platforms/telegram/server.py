"""A Bot API server on the loopback: real long polling, real limits, the real descriptions of what it refuses.

It checks what it is sent as strictly as Telegram, and more so where Telegram would mend it silently. Descriptions are
those of https://github.com/tdlib/telegram-bot-api.
"""

import asyncio
import json
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Self

from aiohttp import web

from tests.builders import ManualClock
from tests.platforms.telegram.html import EntitiesError, Entity, parse, units
from tests.platforms.telegram.world import BOT, GENERAL, Json, Refusal, Room, Sent, World, flood, member

TOKEN = f"{BOT['id']}:{'A' * 35}"
LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
LONGEST_DATA = 64

UNCHANGED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
SUPERSEDED = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
HAS_WEBHOOK = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"


class Limit:
    """At most so many in so many seconds."""

    def __init__(self, most: int, seconds: float) -> None:
        self._times: deque[float] = deque()
        self._most = most
        self._seconds = seconds

    def wait(self, now: float) -> float:
        """How long to wait before another; none is counted while there is a wait."""
        while self._times and self._times[0] <= now - self._seconds:
            self._times.popleft()
        if len(self._times) < self._most:
            self._times.append(now)
            return 0
        return self._times[0] + self._seconds - now


class TelegramServer(World):
    """The server and its world; an async context manager. `limited` makes it refuse floods as Telegram does."""

    def __init__(self, clock: ManualClock | None = None, *, limited: bool = False) -> None:
        super().__init__(clock)
        self.limited = limited
        self.url = ""
        self.webhook = ""
        self.hook: Json = {}  # how it was set
        self.undelivered: Json = {}  # what Telegram says of an update that it could not bring
        self._port = 0
        self._runner: web.AppRunner | None = None
        self.waiting = False
        self._polls = 0
        self._troubles: dict[str, deque[Refusal | None]] = {}
        self._losing: dict[str, int] = {}
        self._held: dict[str, asyncio.Event] = {}
        self._answer_time = 0.0
        self._overall = Limit(30, 1)
        self._per_chat: dict[int, Limit] = {}
        self._per_group: dict[int, Limit] = {}

    async def __aenter__(self) -> Self:
        await self.comes_back()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.goes_down()

    @property
    def idle(self) -> bool:
        """Whether the bot has come for more, and there is none."""
        return self.waiting and not self.updates

    # Trouble

    def refuses(self, method: str, refusal: Refusal, times: int = 1, *, after: int = 0) -> None:
        """The next calls of a method are refused, once some have gone through."""
        self._troubles.setdefault(method, deque()).extend([None] * after + [refusal] * times)

    def loses_answers(self, method: str, times: int = 1) -> None:
        """The next calls of a method are obeyed, but the connection breaks before the answer."""
        self._losing[method] = times

    def holds(self, method: str) -> asyncio.Event:
        """A method takes until the event is set."""
        return self._held.setdefault(method, asyncio.Event())

    def takes_time(self, seconds: float) -> None:
        """What it is asked is done at once, but the answer is so long on its way."""
        self._answer_time = seconds

    async def goes_down(self) -> None:
        """Nobody listens any more."""
        if self._runner is not None:
            runner, self._runner = self._runner, None
            self._end_poll()
            await runner.cleanup()

    async def comes_back(self) -> None:
        """The server listens, at the same address as before."""
        app = web.Application()
        app.router.add_post("/bot{token}/{method}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True).start()
        self._port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self._port}"

    # Protocol

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        self.calls[method] += 1
        try:
            result = await self._result(method, request)
        except Refusal as refusal:
            self.refused[refusal.code] += 1
            body: Json = {"ok": False, "error_code": refusal.code, "description": refusal.description}
            if refusal.parameters:
                body["parameters"] = refusal.parameters
            return web.json_response(body, status=refusal.code)
        finally:
            self.changed.set()
        await asyncio.sleep(self._answer_time)
        if self._losing.get(method):
            self._losing[method] -= 1
            assert request.transport is not None
            request.transport.abort()
        return web.json_response({"ok": True, "result": result})

    async def _result(self, method: str, request: web.Request) -> Any:
        if request.match_info["token"] != TOKEN:
            raise Refusal(401, "Unauthorized")
        if method in self._held:
            await self._held[method].wait()
        trouble = self._troubles[method].popleft() if self._troubles.get(method) else None
        if trouble is not None:
            raise trouble
        if method.lower() not in METHODS:
            raise Refusal(404, "Not Found")
        return await METHODS[method.lower()](self, await _parameters(request))

    def _end_poll(self) -> None:
        """Whoever polls until now is told that another does."""
        self._polls += 1
        self.news.set()

    async def get_me(self, _asked: Json) -> Json:
        rights = {"can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}
        return BOT | rights

    async def get_updates(self, asked: Json) -> list[Json]:
        if self.webhook:
            raise Refusal(409, HAS_WEBHOOK)
        self._end_poll()
        poll = self._polls
        self.allowed = asked.get("allowed_updates", self.allowed)
        offset = int(asked.get("offset", 0))
        self.updates[:] = [update for update in self.updates if update["update_id"] >= offset]
        deadline = time.monotonic() + float(asked.get("timeout", 0))
        self.waiting = deadline > time.monotonic()
        while not self.updates and (left := deadline - time.monotonic()) > 0:
            self.news.clear()
            self.changed.set()
            with suppress(TimeoutError):
                await asyncio.wait_for(self.news.wait(), left)
            if poll != self._polls:
                raise Refusal(409, SUPERSEDED)
        self.waiting = False
        return self.updates[: int(asked.get("limit", 100))]

    async def send_message(self, asked: Json) -> Json:
        room = self._room(asked)
        self._pace(room)
        thread = int(asked["message_thread_id"]) if "message_thread_id" in asked else None
        state = room.topics.get(thread) if thread is not None else room.topics.get(GENERAL, "open")
        if state in {None, "deleted"}:
            raise Refusal(400, "Bad Request: message thread not found")
        if state == "closed":
            raise Refusal(400, "Bad Request: TOPIC_CLOSED")
        reply_to = asked.get("reply_parameters", {}).get("message_id")
        sent = Sent(self.next_id(), "", (), [], thread, bool(asked.get("disable_notification")), reply_to, "")
        sent.paid = bool(asked.get("allow_paid_broadcast"))
        sent.photo = asked.get("photo", b"")
        _write(sent, asked)
        room.sent.append(sent)
        self._see(room, sent)
        return self._shown(room, sent)

    async def send_photo(self, asked: Json) -> Json:
        png = asked["photo"].file.read()
        if not png.startswith(b"\x89PNG"):
            raise Refusal(400, "Bad Request: IMAGE_PROCESS_FAILED")
        off = {"is_disabled": True}  # a caption has no preview
        return await self.send_message(asked | {"text": asked["caption"], "photo": png, "link_preview_options": off})

    async def edit_message_text(self, asked: Json) -> Json:
        room = self._room(asked)
        self._pace(room)
        sent = next((sent for sent in room.sent if sent.id == int(asked["message_id"])), None)
        if sent is None or sent.deleted:
            raise Refusal(400, "Bad Request: message to edit not found")
        if "reply_markup" in asked and "inline_keyboard" not in asked["reply_markup"]:
            raise Refusal(400, "Bad Request: inline keyboard expected")
        before = sent.text, sent.entities, sent.keyboard
        _write(sent, asked)
        if before == (sent.text, sent.entities, sent.keyboard):
            raise Refusal(400, UNCHANGED)
        sent.edits += 1
        self._see(room, sent)
        return self._shown(room, sent)

    async def edit_message_reply_markup(self, asked: Json) -> Json:
        room = self._room(asked)
        sent = next((sent for sent in room.sent if sent.id == int(asked["message_id"])), None)
        if sent is None or sent.deleted:
            raise Refusal(400, "Bad Request: message to edit not found")
        keyboard = _keyboard(asked)
        if keyboard == sent.keyboard:
            raise Refusal(400, UNCHANGED)
        sent.keyboard = keyboard
        sent.edits += 1
        return self._shown(room, sent)

    async def answer_callback_query(self, asked: Json) -> bool:
        id_ = asked["callback_query_id"]
        if self.presses.get(id_, {}) is not None:
            raise Refusal(400, TOO_OLD)
        if units(asked.get("text", "")) > 200:
            raise Refusal(400, "Bad Request: MESSAGE_TOO_LONG")
        self.presses[id_] = {"text": asked.get("text"), "alert": bool(asked.get("show_alert"))}
        return True

    async def get_chat(self, asked: Json) -> Json:
        return self._room(asked, writing=False).chat | {
            "accent_color_id": 1,
            "max_reaction_count": 11,
            "accepted_gift_types": {
                "unlimited_gifts": False,
                "limited_gifts": False,
                "unique_gifts": False,
                "premium_subscription": False,
                "gifts_from_channels": False,
            },
        }

    async def get_chat_member(self, asked: Json) -> Json:
        room = self._room(asked, writing=False)
        id_ = int(asked["user_id"])
        is_channel = room.chat["type"] == "channel"
        if is_channel and room.members[BOT["id"]] != "administrator":
            raise Refusal(400, "Bad Request: member list is inaccessible")
        if id_ == BOT["id"]:
            return member(BOT, room.members[id_], posting=room.posting if is_channel else None)
        person = room.people.get(id_) or self.rooms[id_].people[id_]
        return member(person, room.members.get(id_, "member"))

    async def get_chat_administrators(self, asked: Json) -> list[Json]:
        room = self._room(asked, writing=False)
        ranked = {id_: status for id_, status in room.members.items() if status in {"administrator", "creator"}}
        return [member(BOT if id_ == BOT["id"] else room.people[id_], status) for id_, status in ranked.items()]

    async def set_my_commands(self, asked: Json) -> bool:
        self.menus[asked["scope"]["type"]] = asked["commands"]
        return True

    async def get_my_commands(self, asked: Json) -> list[Json]:
        return self.menus.get(asked["scope"]["type"], [])

    async def delete_my_commands(self, asked: Json) -> bool:
        return self.menus.pop(asked["scope"]["type"], None) is not None

    async def set_webhook(self, asked: Json) -> bool:
        if not asked["url"].startswith("https://"):
            raise Refusal(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        self.webhook, self.hook = asked["url"], asked
        self.allowed = asked.get("allowed_updates", self.allowed)
        return True

    async def get_webhook_info(self, _asked: Json) -> Json:
        found = {"url": self.webhook, "has_custom_certificate": False, "pending_update_count": len(self.updates)}
        return found | self.undelivered

    async def delete_webhook(self, _asked: Json) -> bool:
        self.webhook = ""
        return True

    async def send_chat_action(self, asked: Json) -> bool:
        room = self._room(asked)
        if room.chat["type"] == "channel":
            raise Refusal(400, "Bad Request: can't send chat action to the channel chat")
        self.actions.append((room.id, asked["action"]))
        return True

    def _room(self, asked: Json, *, writing: bool = True) -> Room:
        asked_for = str(asked["chat_id"])
        by_name = {f"@{room.chat['username']}": room for room in self.rooms.values() if "username" in room.chat}
        room = by_name.get(asked_for) if asked_for.startswith("@") else self.rooms.get(int(asked_for))
        if room is None or (room.members.get(BOT["id"]) == "left" and not asked_for.startswith("@")):
            raise Refusal(400, "Bad Request: chat not found")
        if writing and room.refusal is not None:
            raise room.refusal
        return room

    def _pace(self, room: Room) -> None:
        """Telegram's limits (https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this)."""
        if not self.limited:
            return
        now = time.monotonic()
        limits = [self._per_chat.setdefault(room.id, Limit(1, 1)), self._overall]
        if room.chat["type"] != "private":
            limits.append(self._per_group.setdefault(room.id, Limit(20, 60)))
        wait = max(limit.wait(now) for limit in limits)
        if wait > 0:
            raise flood(int(wait) + 1)

    def _see(self, room: Room, sent: Sent) -> None:
        room.log.append(Sent(**{name: getattr(sent, name) for name in Sent.__slots__}))

    def _shown(self, room: Room, sent: Sent) -> Json:
        return {
            "message_id": sent.id,
            "from": BOT,
            "chat": room.chat,
            "date": int(self.clock.now().timestamp()),
            "text": sent.text,
        }


def _write(sent: Sent, asked: Json) -> None:
    text = str(asked.get("text", ""))
    entities: tuple[Entity, ...] = ()
    if asked.get("parse_mode") == "HTML":
        try:
            sent.html = text
            text, entities = parse(text)
        except EntitiesError as error:
            raise Refusal(400, f"Bad Request: {error}") from None
    if not text.strip():
        raise Refusal(400, "Bad Request: message text is empty")
    if units(text) > (LONGEST_CAPTION if sent.photo else LONGEST_TEXT):
        raise Refusal(400, "Bad Request: message is too long")
    assert asked.get("link_preview_options", {}).get("is_disabled"), "previews are off"
    sent.text, sent.entities, sent.keyboard = text, entities, _keyboard(asked)
    markup: Json = asked.get("reply_markup", {})
    sent.markup = {} if "inline_keyboard" in markup else markup


def _keyboard(asked: Json) -> list[list[Json]]:
    rows: list[list[Json]] = asked.get("reply_markup", {}).get("inline_keyboard", [])
    for button in (button for row in rows for button in row):
        if not 1 <= len(button["callback_data"].encode()) <= LONGEST_DATA:
            raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")
        if not button["text"].strip():
            raise Refusal(400, "Bad Request: can't parse inline keyboard button: Text buttons are unallowed")
    return rows


async def _parameters(request: web.Request) -> Json:
    """Telegram takes JSON and both kinds of forms; in forms, and in PTB's JSON, what is no text is JSON within."""
    if request.content_type == "application/json":
        raw: dict[str, Any] = await request.json()
    else:
        raw = dict(await request.post())
    nested = {"reply_markup", "link_preview_options", "reply_parameters", "allowed_updates", "scope", "commands"}
    booleans = {"allow_paid_broadcast", "disable_notification", "show_alert"}
    return {
        name: json.loads(value) if name in nested | booleans and isinstance(value, str) else value
        for name, value in raw.items()
    }


Method = Callable[[TelegramServer, Json], Awaitable[Any]]

METHODS: dict[str, Method] = {
    "getme": TelegramServer.get_me,
    "getupdates": TelegramServer.get_updates,
    "sendmessage": TelegramServer.send_message,
    "sendphoto": TelegramServer.send_photo,
    "editmessagetext": TelegramServer.edit_message_text,
    "editmessagereplymarkup": TelegramServer.edit_message_reply_markup,
    "answercallbackquery": TelegramServer.answer_callback_query,
    "getchat": TelegramServer.get_chat,
    "getchatmember": TelegramServer.get_chat_member,
    "getchatadministrators": TelegramServer.get_chat_administrators,
    "setmycommands": TelegramServer.set_my_commands,
    "getmycommands": TelegramServer.get_my_commands,
    "deletemycommands": TelegramServer.delete_my_commands,
    "sendchataction": TelegramServer.send_chat_action,
    "deletewebhook": TelegramServer.delete_webhook,
    "setwebhook": TelegramServer.set_webhook,
    "getwebhookinfo": TelegramServer.get_webhook_info,
}
