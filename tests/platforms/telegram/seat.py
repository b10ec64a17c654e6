"""A person in a private chat on Telegram, for the contract of the platforms."""

from bot.core.model import Chat
from bot.platforms.telegram.platform import Telegram
from tests.platforms.telegram.server import TelegramServer


class TelegramSeat:
    """Somebody who has written to the bot before."""

    def __init__(self, server: TelegramServer, telegram: Telegram) -> None:
        self.platform = telegram
        self._server = server
        self._person = server.person()
        self.chat = Chat(platform="telegram", address=str(self._person.id))
        self._message = 0
        self._read_to = 0

    async def type(self, line: str) -> None:
        self._server.says(self._person, line)

    async def press(self, label: str) -> None:
        self._server.presses_button(self._person, label)

    async def read(self, words: str) -> None:
        """Wait for words in what came after, or stands behind, the words that were read last."""
        await self._server.until(lambda: self._finds(words), lambda: words)

    def _finds(self, words: str) -> bool:
        for number in range(self._message, len(self._person.log)):
            start = self._read_to if number == self._message else 0
            sent = self._person.log[number]
            place = "\n".join([sent.text, *sent.buttons]).find(words, start)
            if place >= 0:
                self._message, self._read_to = number, place + len(words)
                return True
        return False
