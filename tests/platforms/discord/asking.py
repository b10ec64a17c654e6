"""How people ask on Discord: commands as its apps offer them, presses, completions; and how the bot may answer."""

import time
from dataclasses import dataclass, field
from typing import Any

from discord import ChannelType, Permissions

from bot.commands import COMMANDS
from bot.commands.framework.arguments import divided
from tests.platforms.discord.world import APPLICATION, EPHEMERAL, THREADS, Channel, Json, Person, Refusal, Sent, World

# https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-response
ACKNOWLEDGE_WITHIN = 3.0
COMMAND, COMPONENT, TYPING = 2, 3, 4
BUTTON, SELECT = 2, 3
MESSAGE, PROMISE, PRESS_PROMISE, EDIT, CHOICES = 4, 5, 6, 7, 8

UNKNOWN_INTERACTION = Refusal(404, 10062, "Unknown interaction")
ACKNOWLEDGED = Refusal(400, 40060, "Interaction has already been acknowledged.")


@dataclass(slots=True)
class Asking:
    """An interaction; `took` is how many seconds its acknowledgement took, None as long as there is none."""

    id: str
    token: str
    who: Person
    where: Channel
    began: float = field(default_factory=time.monotonic)
    pressed: Sent | None = None
    took: float | None = None
    kind: int = 0
    original: Sent | None = None
    choices: list[Json] = field(default_factory=list)
    deleted: bool = False

    @property
    def is_waiting(self) -> bool:
        """Whether a person still sees that the bot is thinking."""
        return self.kind == PROMISE and (self.original is None or not self.original.embeds) and not self.deleted


class Asks(World):
    """People who ask."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.asked: dict[str, Asking] = {}

    def says(self, who: Person, line: str, *, where: Channel | None = None, channel: Channel | None = None) -> Asking:
        """Somebody gives a slash command, typed as a line; their app asks for each option by itself."""
        name, _, rest = line.removeprefix("/").partition(" ")
        row = next(row for row in COMMANDS if row.name == name)
        values = {key: value for key, value in divided(row.params, rest).items() if value}
        return self.gives(who, name, where=where, channel=channel, **values)

    def gives(
        self, who: Person, name: str, *, where: Channel | None = None, channel: Channel | None = None, **values: str
    ) -> Asking:
        """Somebody gives a slash command with these options."""
        place = where or who.private
        offered = self.offered(who, place)
        assert name in offered, f"Discord does not offer /{name} here, but {sorted(offered)}"
        options = [_filled(option, values) for option in offered[name]["options"] if option["name"] in values]
        missing = [
            each["name"] for each in offered[name]["options"] if each.get("required") and each["name"] not in values
        ]
        assert not missing, f"Discord asks for {missing} first"
        data: Json = {"id": "1", "name": name, "type": 1, "options": options}
        if channel is not None:
            options.append({"name": "channel", "type": 7, "value": channel.id})
            data["resolved"] = {"channels": {channel.id: channel.json | {"permissions": "0"}}}
        return self._ask(COMMAND, who, place, data)

    def types(self, who: Person, name: str, option: str, text: str, *, where: Channel | None = None) -> Asking:
        """Somebody is typing an option."""
        place = where or who.private
        row = next(each for each in self.offered(who, place)[name]["options"] if each["name"] == option)
        assert row.get("autocomplete"), f"Discord asks nobody to complete {option}"
        options = [{"name": option, "type": row["type"], "value": text, "focused": True}]
        return self._ask(TYPING, who, place, {"id": "1", "name": name, "type": 1, "options": options})

    def presses(
        self, who: Person, label: str, *, where: Channel | None = None, forged: str = "", kind: int = BUTTON
    ) -> Asking:
        """Somebody presses the newest button with this label that they can see; `forged` is what no button carries."""
        place = where or who.private
        seen = [sent for sent in place.sent if sent.to in {"", who.id} and not sent.deleted]
        found = next((sent for sent in reversed(seen) if label in sent.buttons), None)
        assert found is not None, f"no button {label!r} in {[sent.buttons for sent in seen]}"
        data = {"custom_id": forged or found.buttons[label], "component_type": kind}
        return self._ask(COMPONENT, who, place, data, pressed=found)

    def offered(self, who: Person, where: Channel) -> dict[str, Json]:
        """The commands that Discord's app offers somebody in a channel."""
        context = _context(where)
        rights = where.server.rights(who.id, where) if where.server else None
        return {
            each["name"]: each
            for each in self.commands
            if context in each["contexts"]
            and (
                who.has_own_app
                or who.shares_app
                or _admits(each["default_member_permissions"], rights)
                or _is_granted(who, each["name"], where)
            )
        }

    def _ask(self, kind: int, who: Person, where: Channel, data: Json, pressed: Sent | None = None) -> Asking:
        asking = Asking(self.next_id(), f"token-{self.next_id()}", who, where, pressed=pressed)
        self.asked[asking.token] = asking
        payload: Json = {
            "id": asking.id,
            "application_id": APPLICATION,
            "type": kind,
            "data": data,
            "token": asking.token,
            "version": 1,
            "channel": where.json,
            "channel_id": where.id,
            "locale": "en-US",
            "entitlements": [],
            "attachment_size_limit": 10_000_000,
            "context": _context(where),
            "app_permissions": "0",
            "authorizing_integration_owners": _installed_by(who, where),
        }
        if where.server is not None:
            ranked = [where.server.rank_of(who.id)] if who.id in where.server.ranks else []
            member = where.server.member(who.json, ranked)
            payload |= {
                "guild_id": where.server.id,
                "guild": {"id": where.server.id, "locale": "en-US", "features": []},
                "member": member | {"permissions": str(where.server.rights(who.id, where).value)},
                "app_permissions": str(where.server.rights(APPLICATION, where).value),
            }
        else:
            payload["user"] = who.json
        if pressed is not None:
            payload["message"] = self.message_json(pressed)
        self.dispatch("INTERACTION_CREATE", payload)
        return asking

    # How the bot answers

    def acknowledge(self, asking: Asking, asked: Json) -> None:
        """The bot's first answer. Raises Refusal."""
        now = time.monotonic() - asking.began
        if asking.took is not None:
            raise ACKNOWLEDGED
        if now > ACKNOWLEDGE_WITHIN:
            raise UNKNOWN_INTERACTION
        data = asked.get("data") or {}
        match asked["type"]:
            case 4:
                asking.original = self.write(asking, data, data.get("flags", 0))
            case 5:
                asking.original = Sent(self.next_id(), asking.where.id, flags=data.get("flags", 0))
                asking.original.to = asking.who.id if asking.original.flags & EPHEMERAL else ""
                asking.original.interaction = self.answered(asking)
            case 6:
                asking.original = asking.pressed
            case 7:
                assert asking.pressed is not None
                asking.original = self.rewrite(asking.where, asking.pressed, data)
            case 8:
                assert len(data["choices"]) <= 25
                assert all(1 <= len(each["name"]) <= 100 for each in data["choices"])
                asking.choices = data["choices"]
        asking.kind, asking.took = asked["type"], now

    def write(self, asking: Asking, asked: Json, flags: int) -> Sent:
        """A message in answer."""
        raise NotImplementedError

    def answered(self, asking: Asking) -> Json:
        """How a message says which interaction it was answered to."""
        return {
            "id": asking.id,
            "type": COMPONENT if asking.pressed else COMMAND,
            "user": asking.who.json,
            "authorizing_integration_owners": _installed_by(asking.who, asking.where),
        }

    def rewrite(self, where: Channel, sent: Sent, asked: Json) -> Sent:
        """Another text for a message that stands."""
        raise NotImplementedError


def _context(where: Channel) -> int:
    if where.server is not None:
        return 0
    return 1 if where.type == ChannelType.private.value else 2


def _installed_by(who: Person, where: Channel) -> Json:
    """Whose installation of the app is used for an interaction; "0" is that in its DM."""
    context = _context(where)
    if who.has_own_app or context == 2 or (where.server is not None and not where.server.with_us):
        return {"1": who.id}
    server = {"0": where.server.id if where.server is not None else "0"}
    return server | ({"1": who.id} if who.shares_app else {})


def _admits(needed: str | None, rights: Permissions | None) -> bool:
    return needed is None or rights is None or rights >= Permissions(int(needed))


def _is_granted(who: Person, name: str, where: Channel) -> bool:
    """Whether a server's owner has chosen that somebody may give a command."""
    return where.server is not None and (who.id, name) in where.server.granted


def _filled(option: Json, values: dict[str, str]) -> Json:
    value = values[option["name"]]
    if option.get("choices"):
        assert value in [each["value"] for each in option["choices"]], f"{value!r} is no choice"
    assert len(value) <= option.get("max_length", 6000), f"Discord lets nobody type so much into {option['name']}"
    shown: str | int = int(value) if option["type"] == 4 else value
    return {"name": option["name"], "type": option["type"], "value": shown}


def is_thread(channel: Channel) -> bool:
    return channel.type in THREADS
