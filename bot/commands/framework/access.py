"""Who is answered and who is sent alerts, where the owner has not left the bot open to all."""

from collections.abc import Mapping

from bot.core.model import Chat


class Access:
    """Holds who is let in: owners, and the entries `platform:chat` or `platform:user` that they have named.

    A chat in which somebody who is let in has asked is brought along: it is sent its alerts, and others who ask there
    are let in no more than before.
    """

    def __init__(self, *, is_open: bool, owners: frozenset[str] = frozenset()) -> None:
        self.is_open = is_open
        self._owners = owners
        self._entries: Mapping[str, str | None] = {}
        self._moved: dict[str, str] = {}

    @property
    def named(self) -> tuple[str, ...]:
        """The entries that owners have named."""
        return tuple(entry for entry, brought_by in self._entries.items() if brought_by is None)

    @property
    def brought(self) -> Mapping[str, str]:
        """The chats that were brought along, and by whom."""
        return {entry: by for entry, by in self._entries.items() if by is not None and self._is_let_in(by)}

    def change(self, entries: Mapping[str, str | None]) -> None:
        """Put these entries in force, instead of those before: each with whoever brought it along, or None."""
        self._entries = entries

    def note_move(self, old: Chat, new: Chat) -> None:
        """A chat has moved: alerts that were taken up before still bear its old address, and may be sent as others."""
        self._moved[entry_of(old)] = entry_of(new)

    def may_ask(self, chat: Chat, user: str) -> bool:
        """Whether somebody is answered in a chat."""
        return self.is_open or self._is_let_in(entry_of(chat)) or self._is_let_in(f"{chat.platform}:{user}")

    @property
    def receivers(self) -> frozenset[str] | None:
        """The entries of all chats that may be sent anything; None: every chat may."""
        return None if self.is_open else self._owners.union(self.named, self.brought)

    def may_receive(self, chat: Chat) -> bool:
        """Whether a chat is sent what it follows."""
        entry = self._moved.get(entry_of(chat), entry_of(chat))
        return self.is_open or self._is_let_in(entry) or entry in self.brought

    def _is_let_in(self, entry: str) -> bool:
        return entry in self._owners or self._entries.get(entry, "") is None


def entry_of(chat: Chat) -> str:
    """How owners name a chat, with all its topics and threads."""
    return f"{chat.platform}:{chat.address}"
