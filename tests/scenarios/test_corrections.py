"""Alerts that turn out otherwise: corrected, withdrawn, denied. Every outlet and event is invented."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.core.message.blocks import Message, Role, plain
from bot.core.model import PublisherKind, Scope, Side
from bot.core.stories.grouping import Grouper
from bot.errors import SendRefused
from bot.platforms.discord.markup import parts_for
from tests import builders
from tests.fakes import Town, a_town, headline, real_subject

NATO = {"side": Side.NATO, "publisher_kind": PublisherKind.NATO_OFFICIAL}
RUSSIA = {"side": Side.RUSSIA, "publisher_kind": PublisherKind.RUSSIAN_STATE_MEDIA}
OUTLETS = (
    builders.source("northgate", scope=Scope.TOPICAL, **NATO),
    *(builders.source(id_, scope=Scope.TOPICAL, side=Side.WEST) for id_ in ("tern", "heron", "plover")),
    builders.source("volga", scope=Scope.TOPICAL, **RUSSIA),
    builders.source("volga-ru", scope=Scope.TOPICAL, **RUSSIA),
)

SABOTAGE = "NATO says Russian sabotage cut Baltic cable"
ACCIDENT = "NATO says anchor accident cut Baltic cable, Russia not to blame"
HERONS = "Russian sabotage cut Baltic cable, NATO says"
WITHDRAWN = "This article has been withdrawn"

PILOTS_DEAD = "Russian MiG violates Estonian airspace, two NATO pilots dead"
PILOTS_SAFE = "Russian MiG violates Estonian airspace, NATO pilots unharmed"


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """With stories grouped as they ship."""
    async with a_town(tmp_path, OUTLETS, Grouper(real_subject().lexicon)) as town:
        yield town


def struck(message: Message) -> list[str]:
    return [run.text for block in message.blocks for run in block.runs if run.strike]


def lines(message: Message, role: Role = Role.BYLINE) -> list[str]:
    return [block.text for block in message.blocks if block.role is role]


def teller(message: Message) -> str:
    """The line that says who tells the story."""
    return lines(message)[-1]


def read(town: Town) -> list[Message]:
    return town.chats.arrived["ann"]


def kinds(town: Town) -> list[str]:
    """What went out, in order: new messages, edits and answers."""
    return ["edit" if each.edits else "answer" if each.answers else "new" for each in town.chats.sent]


async def told_by_tern_and_heron(town: Town) -> None:
    await town.follow("ann", "sabotage cable")
    town.publish(SABOTAGE, at="tern")
    await town.advance(minutes=2)
    town.publish(HERONS, at="heron")
    await town.advance(minutes=10)
    assert headline(read(town)[0]) == SABOTAGE
    assert teller(read(town)[0]) == "2 publishers: West 2"


async def test_a_correction_is_said_though_another_report_heads_the_alert(town: Town) -> None:
    await told_by_tern_and_heron(town)
    town.sites["tern"].retitles(SABOTAGE, ACCIDENT)
    await town.advance(minutes=10)
    message = read(town)[0]
    assert headline(message) == HERONS
    assert struck(message) == [SABOTAGE]
    assert f"Tern wrote before: {SABOTAGE}" in lines(message, Role.CORRECTION)
    assert f"Tern writes now: {ACCIDENT}" in lines(message, Role.CORRECTION)
    assert {each.message.silent for each in town.chats.sent if each.edits} == {True}
    assert f"~~{SABOTAGE}~~" in (parts_for(message)[0].embed.description or ""), "nor is it lost on a card"


async def test_what_a_chat_was_never_told_is_not_struck_through_for_it(town: Town) -> None:
    terns = "Russia and NATO envoys meet in Vienna for talks on prisoners"
    herons = "Vienna: envoys of Russia and NATO meet over prisoners"
    await town.follow("ann", "prisoners")
    town.publish(terns, at="tern")
    await town.advance(minutes=2)
    town.publish(herons, at="heron")
    await town.advance(minutes=6)
    town.sites["heron"].retitles(herons, "Vienna: envoys of Russia and NATO quarrel over grain")
    await town.advance(minutes=6)
    (message,) = read(town)
    assert (headline(message), struck(message)) == (terns, []), "it read Tern's words, never Heron's"
    assert teller(message) == "2 publishers: West 2"


async def test_a_correction_that_is_taken_back_is_struck_through_no_more(town: Town) -> None:
    await told_by_tern_and_heron(town)
    town.sites["tern"].retitles(SABOTAGE, ACCIDENT)
    await town.advance(minutes=10)
    town.sites["tern"].retitles(ACCIDENT, SABOTAGE)
    await town.advance(minutes=10)
    message = read(town)[0]
    assert (headline(message), struck(message)) == (SABOTAGE, [])


async def test_a_withdrawn_report_is_struck_through_and_counts_no_more(town: Town) -> None:
    await told_by_tern_and_heron(town)
    level = read(town)[0].blocks[0].text.removesuffix(SABOTAGE)
    town.sites["tern"].retitles(SABOTAGE, WITHDRAWN)
    await town.advance(minutes=10)
    message = read(town)[0]
    assert message.blocks[0].text == level + HERONS, "a level never falls"
    assert struck(message) == [SABOTAGE]
    assert f"Tern has withdrawn: {SABOTAGE}" in lines(message, Role.CORRECTION)
    assert teller(message) == "one source so far: Heron (the West's side)"


async def test_a_story_that_all_have_withdrawn_says_so(town: Town) -> None:
    await town.follow("ann", "sabotage cable")
    town.publish(SABOTAGE, at="tern")
    await town.advance(minutes=6)
    town.sites["tern"].retitles(SABOTAGE, WITHDRAWN)
    await town.advance(minutes=10)
    message, reply = read(town)
    assert headline(message) == WITHDRAWN
    assert struck(message) == struck(reply) == [SABOTAGE]
    assert teller(message) == teller(reply) == "withdrawn, and nobody else reports it"


CUT, NOT_CUT = "Baltic cable cut by Russian ship, NATO says", "Baltic cable NOT cut by Russian ship, NATO says"


async def told_that_a_cable_is_cut(town: Town, *settings: str) -> None:
    await town.follow("ann", "cable")
    for line in settings:
        await town.say("ann", line)
    town.publish(CUT)
    await town.advance(minutes=2)
    assert kinds(town) == ["new"]


async def test_what_was_taken_back_is_said_at_once_and_rings_as_the_alert_did(town: Town) -> None:
    await told_that_a_cable_is_cut(town)
    town.site.retitles(CUT, NOT_CUT)
    await town.advance(minutes=1)
    assert kinds(town) == ["new", "answer", "edit"]
    message, reply = read(town)
    assert plain(reply).splitlines()[0] == f"Correction · {NOT_CUT}"
    assert lines(reply, Role.CORRECTION) == [f"Before: {CUT}"]
    assert (headline(message), struck(message)) == (NOT_CUT, [CUT])
    assert [each.message.silent for each in town.chats.sent] == [False, False, True]
    assert town.chats.sent[1].answers == "1"
    await town.advance(minutes=20)
    assert len(town.chats.sent) == 3, "said once"


async def test_what_is_asserted_again_is_said_again(town: Town) -> None:
    await told_that_a_cable_is_cut(town)
    town.site.retitles(CUT, NOT_CUT)
    await town.advance(minutes=62)
    town.site.retitles(NOT_CUT, CUT)
    await town.advance(minutes=10)
    message, denial, again = read(town)
    assert headline(again) == CUT
    assert (struck(denial), struck(again)) == ([NOT_CUT], [NOT_CUT])
    assert (headline(message), struck(message)) == (CUT, [])


async def test_a_title_that_goes_back_and_forth_rings_once_an_hour_and_is_edited_meanwhile(town: Town) -> None:
    await told_that_a_cable_is_cut(town)
    title, other = CUT, NOT_CUT
    for _ in range(9):
        town.site.retitles(title, other)
        title, other = other, title
        await town.advance(minutes=6)
    assert [each for each in kinds(town) if each != "edit"] == ["new", "answer"]
    message, reply = read(town)
    assert headline(message) == headline(reply) == NOT_CUT
    assert [each.message.silent for each in town.chats.sent] == [False, False, *[True] * (len(town.chats.sent) - 2)]


async def test_another_report_that_is_taken_back_within_the_hour_rings(town: Town) -> None:
    await told_by_tern_and_heron(town)
    before = kinds(town).count("answer")
    town.sites["tern"].retitles(SABOTAGE, WITHDRAWN)
    await town.advance(minutes=12)
    assert kinds(town).count("answer") == before + 1
    town.sites["heron"].retitles(HERONS, WITHDRAWN)
    await town.advance(minutes=12)
    assert kinds(town).count("answer") == before + 2


async def test_what_came_without_a_sound_is_taken_back_without_one(town: Town) -> None:
    await told_that_a_cable_is_cut(town, "/settings sound none")
    assert town.chats.sent[0].message.silent
    await town.say("ann", "/settings sound all")
    town.site.retitles(CUT, NOT_CUT)
    await town.advance(minutes=10)
    assert kinds(town) == ["new", "edit"]
    assert struck(read(town)[0]) == [CUT]
    assert town.chats.sent[1].message.silent


async def test_a_withdrawal_rings_too(town: Town) -> None:
    await told_that_a_cable_is_cut(town)
    town.site.retitles(CUT, WITHDRAWN)
    await town.advance(minutes=1)
    reply = read(town)[1]
    assert plain(reply).splitlines()[0] == f"Withdrawn · {CUT}"
    assert struck(reply) == [CUT]
    assert WITHDRAWN not in plain(reply)


@pytest.mark.parametrize("setting", ["/settings sound breaking", "/mute cable 1h", "/pause 1h"])
async def test_who_is_not_to_be_woken_has_the_alert_corrected_at_once_without_a_sound(town: Town, setting: str) -> None:
    await told_that_a_cable_is_cut(town)
    await town.say("ann", setting)
    town.site.retitles(CUT, NOT_CUT)
    await town.advance(minutes=1)
    assert kinds(town) == ["new", "edit"]
    assert struck(read(town)[0]) == [CUT]
    assert town.chats.sent[1].message.silent
    await town.advance(minutes=90)
    assert kinds(town) == ["new", "edit"], "nor does it ring later"


async def test_other_words_for_the_same_wait_and_are_silent(town: Town) -> None:
    await told_that_a_cable_is_cut(town)
    town.site.retitles(CUT, f"{CUT} on Sunday")
    await town.advance(minutes=2)
    assert kinds(town) == ["new"]
    town.site.retitles(f"{CUT} on Sunday", NOT_CUT)
    await town.advance(minutes=1)
    assert kinds(town) == ["new", "answer", "edit"], "what is taken back meanwhile does not wait with it"


async def test_what_a_chat_never_read_is_not_taken_back_before_it(town: Town) -> None:
    herons = "Vienna: envoys of Russia and NATO meet over prisoners"
    await town.follow("ann", "prisoners")
    town.publish("Russia and NATO envoys meet in Vienna for talks on prisoners", at="tern")
    await town.advance(minutes=2)
    town.publish(herons, at="heron")
    await town.advance(minutes=6)
    town.sites["heron"].retitles(herons, herons.replace("meet", "do not meet"))
    await town.advance(minutes=6)
    assert set(kinds(town)) == {"new", "edit"}


async def test_what_was_taken_back_is_said_though_the_alert_can_be_edited_no_more(town: Town) -> None:
    await told_that_a_cable_is_cut(town)
    town.chats.errors["ann"] = [SendRefused("message to edit not found")]
    town.site.retitles(CUT, f"{CUT} on Sunday")
    await town.advance(minutes=8)
    assert town.chats.errors["ann"] == []
    town.site.retitles(f"{CUT} on Sunday", NOT_CUT)
    await town.advance(minutes=1)
    assert headline(read(town)[-1]) == NOT_CUT
    assert not town.chats.sent[-1].message.silent


async def rung_by_nato(town: Town) -> None:
    """Two messages: Tern's report, and news of a higher level in NATO's words."""
    await town.follow("ann", "mig OR airspace")
    town.publish("Russian MiG violates Estonian airspace, pilots feared dead", at="tern")
    await town.advance(minutes=6)
    town.publish(PILOTS_DEAD)
    await town.advance(minutes=10)
    _, risen = read(town)
    assert risen.blocks[0].text.startswith("Now ")
    assert headline(risen) == PILOTS_DEAD


async def test_what_rang_is_corrected_too(town: Town) -> None:
    await rung_by_nato(town)
    before = len(town.chats.sent)
    town.site.retitles(PILOTS_DEAD, PILOTS_SAFE)
    await town.advance(minutes=12)
    first, risen, reply = read(town)
    assert headline(risen) == PILOTS_SAFE
    assert f"Before: {PILOTS_DEAD}" in lines(risen, Role.CORRECTION)
    assert struck(risen) == struck(first) == struck(reply) == [PILOTS_DEAD]
    assert kinds(town)[before:] == ["edit", "answer", "edit"], "each of the messages once"
    assert town.chats.sent[before + 1].answers == "2", "the one that said so"
    await town.advance(minutes=12)
    assert len(town.chats.sent) == before + 3


async def test_what_rang_and_was_deleted_leaves_the_first_message_to_be_corrected(town: Town) -> None:
    await rung_by_nato(town)
    town.site.retitles(PILOTS_DEAD, PILOTS_SAFE)
    town.chats.errors["ann"] = [SendRefused("message to edit not found")]
    await town.advance(minutes=12)
    first, risen, reply = read(town)
    assert struck(first) == struck(reply) == [PILOTS_DEAD]
    assert struck(risen) == []
    town.publish("Estonia thanks allies after Russian MiG violates Estonian airspace", at="heron")
    await town.advance(minutes=12)
    assert kinds(town)[-1] == "edit", "the first message is kept up to date as before"


async def test_where_the_first_message_was_deleted_the_one_that_rang_is_corrected(town: Town) -> None:
    await rung_by_nato(town)
    town.chats.errors["ann"] = [SendRefused("message to edit not found")]
    town.publish("Estonian airspace violated by Russian MiG, pilots dead", at="heron")
    await town.advance(minutes=12)
    assert town.chats.errors["ann"] == []
    town.site.retitles(PILOTS_DEAD, PILOTS_SAFE)
    await town.advance(minutes=12)
    assert struck(read(town)[1]) == [PILOTS_DEAD]


async def test_a_mute_holds_back_no_correction_of_what_was_told(town: Town) -> None:
    hit, no_hit = "Russian missile hits Poland, 4 killed", "No missile hit Poland, NATO says, report was wrong"
    await town.follow("ann", "missile")
    town.publish(hit, at="tern")
    await town.advance(minutes=2)
    await town.press("ann", read(town)[0], "Mute this story")
    town.sites["tern"].retitles(hit, no_hit)
    await town.advance(minutes=10)
    (message,) = read(town)
    assert (headline(message), struck(message)) == (no_hit, [hit])
    (edit,) = [each for each in town.chats.sent if each.edits]
    assert edit.message.silent
    await town.advance(minutes=20)
    assert kinds(town) == ["new", "edit"], "said once"


async def muted_while_it_becomes_louder(town: Town, mute: str) -> None:
    await town.follow("ann", "mig OR airspace")
    town.publish("Russian MiG violates Estonian airspace, pilots feared dead", at="tern")
    await town.advance(minutes=2)
    await town.say("ann", mute)
    town.publish(PILOTS_DEAD)
    await town.advance(minutes=30)
    assert kinds(town) == ["new"]
    assert teller(read(town)[0]).startswith("one source so far")


@pytest.mark.parametrize("mute", ["/mute story id:1 1h", "/mute airspace 1h"])
async def test_when_a_mute_is_over_the_alert_is_brought_up_to_date_without_a_sound(town: Town, mute: str) -> None:
    await muted_while_it_becomes_louder(town, mute)
    await town.advance(minutes=35)
    (message,) = read(town)
    assert teller(message) == "2 publishers: NATO 1 · West 1"
    assert message.blocks[0].text.startswith(("Major · ", "Breaking · "))
    assert kinds(town) == ["new", "edit"]
    assert message.silent


async def test_when_a_mute_is_ended_by_hand_the_alert_is_brought_up_to_date(town: Town) -> None:
    await muted_while_it_becomes_louder(town, "/mute story id:1 forever")
    listed = await town.say("ann", "/mutes")
    await town.press("ann", listed, listed.buttons[0][0].label)
    await town.advance(minutes=2)
    assert teller(read(town)[0]) == "2 publishers: NATO 1 · West 1"
    assert kinds(town) == ["new", "edit"]


DENIAL = "Russian drones did not enter Polish airspace, Moscow says"
DENIAL_RU = "Российские беспилотники не входили в воздушное пространство Польши"
TERNS = "Russian drones enter Polish airspace, jets scrambled"


@pytest.mark.parametrize(("at", "denial"), [("volga", DENIAL), ("volga-ru", DENIAL_RU)])
async def test_no_alert_is_headed_by_a_denial_once_there_are_reports(town: Town, at: str, denial: str) -> None:
    await town.follow("ann", "drone poland")
    town.publish(denial, at=at)
    await town.advance(minutes=6)
    assert [headline(message) for message in read(town)] == [denial], "nothing else is known"
    town.publish(TERNS, at="tern")
    await town.advance(minutes=10)
    assert headline(read(town)[0]) == TERNS
    town.publish("Jets scrambled as Russian drones enter Polish airspace", at="heron")
    await town.advance(minutes=10)
    town.publish("NATO jets scrambled after Russian drones enter Polish airspace")
    await town.advance(minutes=10)
    assert len(read(town)) > 1, "its level rose"
    assert denial not in [headline(message) for message in read(town)]


async def test_a_rise_is_headed_by_a_report_in_the_readers_language_even_if_a_denial_came_with_it(town: Town) -> None:
    await town.follow("ann", "drone poland")
    town.publish("Russian drones seen near Polish airspace, Polish army says", at="plover")
    await town.advance(minutes=6)
    town.publish(TERNS, at="tern")
    town.publish("NATO jets scrambled after Russian drones enter Polish airspace")
    town.clock.advance(seconds=20)
    town.publish(DENIAL_RU, at="volga-ru")
    await town.advance(minutes=10)
    risen = [message for message in read(town) if message.blocks[0].text.startswith("Now ")]
    assert risen
    assert {headline(message) for message in risen} <= {
        TERNS,
        "NATO jets scrambled after Russian drones enter Polish airspace",
    }
