"""What chats that read some languages only are sent of a story that is told in several; events and outlets invented."""

from pathlib import Path

from bot.core.language.lexicon import NO_LEXICON
from bot.core.message.blocks import plain
from bot.core.model import Scope, Side
from tests import builders
from tests.fakes import OneEvent, a_town

SOURCES = (
    builders.source("dnipro", scope=Scope.TOPICAL, side=Side.UKRAINE, lang="uk"),
    builders.source("northgate", scope=Scope.TOPICAL),
)
UKRAINIAN = "Російський дрон влучив у будинок у Галаці в Румунії: двоє поранених, НАТО реагує"
ENGLISH = "Russian drone hits block of flats in Galati in Romania, two injured, NATO says"
UNDERSTOOD = "uk · drone strike · Galați · 2 injured (my reading)"


async def test_an_alert_is_headed_by_what_its_chat_reads_as_soon_as_there_is_such_a_report(tmp_path: Path) -> None:
    async with a_town(tmp_path, SOURCES, OneEvent(NO_LEXICON)) as town:
        for who in ("ann", "bob", "cat"):
            await town.follow(who, "drone galati")
        await town.say("ann", "/read en")
        town.publish(UKRAINIAN, at="dnipro")
        await town.advance(minutes=2)
        first = {who: plain(town.chats.arrived[who][0]).splitlines() for who in ("ann", "bob")}
        assert first["ann"][0] == first["bob"][0]
        assert UKRAINIAN in first["ann"][0]
        assert UNDERSTOOD in first["ann"]
        assert any(line.startswith("Dnipro Sheet (uk) · ") for line in first["ann"])
        assert UNDERSTOOD not in first["bob"]
        assert not any("(uk)" in line for line in first["bob"])

        await town.say("cat", "/read english")
        await town.advance(minutes=6)
        assert len(town.chats.sent) == 3, "what was sent is not edited for that alone"
        town.publish(ENGLISH)
        await town.advance(minutes=8)
        for who in ("ann", "cat"):
            alert, *_ = town.chats.arrived[who]
            assert "2 publishers" in plain(alert)
            for message in town.chats.arrived[who]:
                assert ENGLISH in plain(message).splitlines()[0]
                assert "my reading" not in plain(message)


async def test_a_correction_in_another_language_is_marked(tmp_path: Path) -> None:
    async with a_town(tmp_path, SOURCES, OneEvent(NO_LEXICON)) as town:
        await town.follow("ann", "drone galati")
        await town.say("ann", "/read en")
        town.publish(UKRAINIAN, at="dnipro")
        await town.advance(minutes=2)
        town.sites["dnipro"].retitles(UKRAINIAN, "Російський дрон не влучав у будинок у Галаці в Румунії, НАТО реагує")
        await town.advance(minutes=3)
        told = plain(town.chats.arrived["ann"][-1])
        assert told.startswith("Correction · Російський дрон не влучав")
        assert "uk · drone strike, denied · Galați (my reading)" in told.splitlines()
