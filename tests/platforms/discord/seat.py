"""A person in a private conversation on Discord, for the contract of the platforms."""

from bot.core.model import Chat
from tests.platforms.discord.line import Line
from tests.platforms.discord.world import Person


class DiscordSeat:
    """Somebody who has the bot among their apps."""

    def __init__(self, line: Line, person: Person) -> None:
        self.platform = line.discord
        self.chat = Chat(platform="discord", address=person.private.id)
        self._line = line
        self._server = line.server
        self._person = person
        self._message = 0
        self._read_to = 0

    async def type(self, line: str) -> None:
        await self._line.up()
        self._server.says(self._person, line)

    async def press(self, label: str) -> None:
        self._server.presses(self._person, label)

    async def read(self, words: str) -> None:
        """Wait for words in what came after, or stands behind, the words that were read last."""
        await self._server.until(lambda: self._finds(words), lambda: words)

    def _finds(self, words: str) -> bool:
        log = self._person.private.log
        for number in range(self._message, len(log)):
            start = self._read_to if number == self._message else 0
            place = "\n".join([log[number].text, *log[number].buttons]).find(words, start)
            if place >= 0:
                self._message, self._read_to = number, place + len(words)
                return True
        return False
