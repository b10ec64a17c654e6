"""Stories that go on: one alert an event, kept true. Every outlet and event is invented, the words are our own."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.core.message.blocks import Message, Role, plain
from bot.core.model import Level, PublisherKind, Scope, Side, Urgency
from bot.core.stories.grouping import Grouper
from bot.errors import SendLater, SendRefused
from bot.storage import outbox, subscribers
from bot.storage.database import open_database
from tests import builders
from tests.builders import ManualClock
from tests.fakes import Site, Town, a_life, a_town, real_subject

SIX = (
    *(builders.source(id_, scope=Scope.TOPICAL) for id_ in ("northgate", "westmark", "flankpost", "volga", "volga-ru")),
    builders.source("rhinepost", scope=Scope.TOPICAL, side=Side.WEST),
)

FIRST = "Russia and NATO envoys meet in Vienna for talks on prisoners"


def a_grouper() -> Grouper:
    """As it ships."""
    return Grouper(real_subject().lexicon)


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with a_town(tmp_path, SIX, a_grouper()) as town:
        yield town


async def told_by_all(town: Town) -> None:
    """Six publishers of three sides tell of one event within two hours, in two languages."""
    town.publish(FIRST, summary="The Russian and NATO envoys began talks in Vienna on an exchange of prisoners.")
    await town.advance(minutes=20)
    for at, title, summary in (
        ("westmark", "NATO and Russian envoys meet in Vienna, talks on prisoners begin", "Talks began in Vienna."),
        ("flankpost", "Vienna: envoys of Russia and NATO meet over prisoners", "The envoys met in Vienna."),
        ("volga", "Russian envoy meets NATO envoy in Vienna for talks on prisoners", "Vienna hosts the envoys."),
        ("volga-ru", "Представители России и НАТО проводят в Вене переговоры о пленных", "Переговоры идут в Вене."),
        ("rhinepost", "Envoys of NATO and Russia meet in Vienna on prisoners", "The envoys meet in Vienna."),
    ):
        town.publish(title, at=at, summary=summary)
        await town.advance(minutes=20)


def kinds(town: Town) -> list[str]:
    """What went out, in order: new messages, edits and answers."""
    return ["edit" if each.edits else "answer" if each.answers else "new" for each in town.chats.sent]


def teller(message: Message) -> str:
    """The line that says who tells the story."""
    return [block.text for block in message.blocks if block.role is Role.BYLINE][-1]


def title(message: Message) -> str:
    return message.blocks[0].text


async def count(town: Town, sql: str) -> object:
    async with town.app.database.read() as tx:
        return await tx.scalar(text(sql))


async def test_an_event_told_by_six_is_one_message_edited_and_one_rise_of_level(town: Town) -> None:
    await town.follow("ann", "prisoners")
    await told_by_all(town)
    first, risen = town.chats.arrived["ann"]
    assert kinds(town).count("new") == 1
    assert kinds(town).count("answer") == 1
    assert teller(first) == "6 publishers: NATO 1 · West 3 · Russia 2 · both sides report"
    assert title(first) == f"Major · {FIRST}"
    assert title(risen).startswith("Now major · ")
    assert await count(town, "SELECT count(*) FROM stories") == 1
    assert await count(town, "SELECT count(*) FROM story_levels") == 1


async def test_news_of_a_higher_level_ring_and_answer_the_first_message_and_edits_do_not(town: Town) -> None:
    await town.follow("ann", "prisoners")
    await told_by_all(town)
    (answer,) = [each for each in town.chats.sent if each.answers]
    assert (answer.answers, answer.edits, answer.urgency) == ("1", None, Urgency.ALERT)
    assert not answer.message.silent
    edits = [each for each in town.chats.sent if each.edits]
    assert {(each.edits, each.urgency, each.message.silent) for each in edits} == {("1", Urgency.EDIT, True)}
    assert len({each.nonce for each in town.chats.sent if not each.edits}) == 2, "the second is no repetition"


async def test_edits_are_made_at_most_every_five_minutes_and_show_the_newest(town: Town) -> None:
    await town.follow("ann", "prisoners")
    town.publish(FIRST)
    await town.advance(minutes=2)
    town.publish(FIRST, at="westmark")
    await town.advance(minutes=2)
    town.publish(FIRST, at="flankpost")
    await town.advance(minutes=1)
    assert kinds(town) == ["new"]
    await town.advance(minutes=3)
    assert kinds(town) == ["new", "edit"]
    assert teller(town.chats.arrived["ann"][0]) == "3 publishers: NATO 1 · West 2"


async def test_what_changes_nothing_that_is_shown_edits_nothing(town: Town) -> None:
    await town.follow("ann", "prisoners")
    town.publish(FIRST)
    await town.advance(minutes=10)
    town.publish(FIRST + " again", summary="They went on.")
    await town.advance(minutes=20)
    assert await count(town, "SELECT count(*) FROM stories") == 1
    assert kinds(town) == ["new"]


async def test_observers_are_heard_at_once_and_believed_only_with_others(tmp_path: Path) -> None:
    accounts = [
        builders.source(id_, publisher=id_, publisher_kind=PublisherKind.OBSERVER, scope=Scope.TOPICAL, side=Side.WEST)
        for id_ in ("spotter", "watcher", "lookout")
    ]
    async with a_town(tmp_path, (*SIX, *accounts), a_grouper()) as town:
        await town.follow("ann", "prisoners")
        await town.follow("bob", "prisoners sources>=2")
        for account in accounts:
            town.publish(FIRST, at=account.id)
            await town.advance(minutes=10)
        (alert,) = town.chats.arrived["ann"]
        assert teller(alert) == "3 open-source observers, no publisher so far"
        assert title(alert) == FIRST, "no level rises"
        town.publish(FIRST, at="northgate")
        await town.advance(minutes=10)
        assert teller(town.chats.arrived["ann"][0]) == (
            "one source so far: Northgate Wire (NATO's side) · and 3 open-source observers"
        )
        assert town.alerts("bob") == []
        town.publish(FIRST, at="volga")
        await town.advance(minutes=10)
        assert town.alerts("bob") == [FIRST]


async def test_a_reply_to_any_message_about_a_story_points_at_it(town: Town) -> None:
    await town.follow("ann", "prisoners")
    await told_by_all(town)
    assert len(town.chats.arrived["ann"]) == 2, "an alert, and news of a higher level"
    for ref in ("1", "2"):
        assert "The alert was sent on" in plain(await town.say("ann", "/why", reply_to=ref))
        assert "Who said what, and when" in plain(await town.say("ann", "/story", reply_to=ref))
        assert plain(await town.say("ann", "/mute story 1h", reply_to=ref)).startswith("Muted until")
    assert "Why what?" in plain(await town.say("ann", "/why", reply_to="3"))


async def test_an_alert_that_can_be_edited_no_more_is_pointed_at_still(town: Town) -> None:
    await town.follow("ann", "prisoners")
    town.publish(FIRST)
    await town.advance(minutes=2)
    town.chats.errors["ann"] = [SendRefused("message can't be edited")]
    town.publish(FIRST, at="westmark")
    await town.advance(minutes=10)
    assert await count(town, "SELECT count(*) FROM alert_messages WHERE editable") == 0
    assert "The alert was sent on" in plain(await town.say("ann", "/why", reply_to="1"))


@pytest.mark.parametrize("what", ["story", "vienna"])
async def test_news_of_a_higher_level_that_a_mute_held_back_are_told_by_missed_and_why(town: Town, what: str) -> None:
    await town.follow("ann", "prisoners")
    town.publish(FIRST)
    await town.advance(minutes=2)
    await town.say("ann", f"/mute {what} 3h", reply_to="1")
    await told_by_all(town)
    assert kinds(town) == ["new"], "muted"
    town.clock.advance(hours=2)
    missed = plain(await town.say("ann", "/missed"))
    assert "Held back" in missed
    assert "Rule 1, prisoners: It became major on" in missed
    assert "while it was muted" in missed
    assert "The story became major on" in plain(await town.say("ann", "/why", reply_to="1"))
    town.clock.advance(hours=30)
    assert "nothing was held back" in plain(await town.say("ann", "/missed 2h"))


async def test_two_look_alike_events_are_two_messages(town: Town) -> None:
    await town.follow("ann", "jets")
    town.publish("NATO jets scrambled over the Baltic after Russian bombers are seen near Gotland")
    await town.advance(minutes=2)
    town.publish("Romanian jets scrambled over the Black Sea as Russian drones pass Constanta", at="westmark")
    await town.advance(minutes=10)
    assert kinds(town) == ["new", "new"]


async def test_a_corrected_title_shows_what_was_said_before_struck_through(town: Town) -> None:
    await town.follow("ann", "cable")
    before = "NATO: Russian ship cut Baltic cable, 4 sailors held"
    after = "NATO: storm tore Baltic cable, Russian ship cleared"
    town.publish(before)
    await town.advance(minutes=6)
    town.site.retitles(before, after)
    await town.advance(minutes=6)
    (message,) = town.chats.arrived["ann"]
    assert title(message) == after
    (struck,) = [run.text for block in message.blocks for run in block.runs if run.strike]
    assert struck == before
    await town.follow("bob", "cable")
    town.publish(after, at="westmark")
    await town.advance(minutes=6)
    (read_by_bob,) = town.chats.arrived["bob"]
    assert before not in plain(read_by_bob), "bob never read it"


async def test_a_title_with_more_to_tell_is_shown_and_nothing_struck_through(town: Town) -> None:
    await town.follow("ann", "prisoners")
    town.publish(FIRST)
    await town.advance(minutes=6)
    town.site.retitles(FIRST, FIRST + ", agree on repairs")
    await town.advance(minutes=6)
    (message,) = town.chats.arrived["ann"]
    assert title(message) == FIRST + ", agree on repairs"
    assert not [run for block in message.blocks for run in block.runs if run.strike]


async def test_a_restart_in_the_middle_loses_nothing_and_repeats_nothing(tmp_path: Path) -> None:
    clock = ManualClock()
    sites: dict[str, Site] = {source.id: Site(source.id, clock) for source in SIX}
    first = await open_database(f"sqlite:///{tmp_path}/town.db")
    town = await a_life(first, SIX, sites, clock, a_grouper())
    await town.advance(minutes=1)
    await town.follow("ann", "prisoners")
    town.publish(FIRST)
    await town.advance(minutes=2)
    town.publish(FIRST, at="westmark")
    await town.advance(minutes=1)  # an edit is owed now
    assert kinds(town) == ["new"]
    async with first.write() as tx:  # and killed while it is made
        claimed = await outbox.claim(
            tx, ("fake",), Urgency.EDIT, clock.now() + timedelta(hours=1), limit=9, lease=timedelta(minutes=20)
        )
    assert len(claimed) == 1
    await first.close()

    second = await open_database(f"sqlite:///{tmp_path}/town.db")
    before = town.chats.arrived
    town = await a_life(second, SIX, sites, clock, a_grouper())
    town.chats.arrived = before
    await town.advance(minutes=10)
    assert kinds(town) == ["edit"]
    assert teller(town.chats.arrived["ann"][0]) == "2 publishers: NATO 1 · West 1"
    town.publish("Vienna: envoys of Russia and NATO meet over prisoners", at="volga")
    await town.advance(minutes=10)
    assert await count(town, "SELECT count(*) FROM stories") == 1, "the story is known after the restart"
    assert kinds(town) == ["edit", "edit"]
    await second.close()


async def test_a_rule_added_to_a_running_story_waits_for_a_report_that_matches(town: Town) -> None:
    await town.follow("ann", "prisoners")
    town.publish(FIRST)
    await town.advance(minutes=2)
    await town.follow("bob", "prisoners")
    town.publish("Russia and NATO envoys meet in Vienna for talks", at="westmark")
    await town.advance(minutes=10)
    assert await count(town, "SELECT count(*) FROM stories") == 1
    assert town.alerts("bob") == []
    town.publish(FIRST, at="flankpost")
    await town.advance(minutes=10)
    assert town.alerts("bob") == [FIRST]


async def test_a_rule_added_to_a_running_story_hears_when_its_level_rises(town: Town) -> None:
    town.publish(FIRST)
    await town.advance(minutes=2)
    await town.follow("bob", "prisoners")
    for at in ("westmark", "flankpost", "volga", "rhinepost"):
        town.publish("Russia and NATO envoys meet in Vienna for talks", at=at)
        await town.advance(minutes=10)
    (message,) = town.chats.arrived["bob"]
    assert title(message) == f"Major · {FIRST}"


async def test_a_chat_that_wants_only_loud_stories_hears_of_them_when_they_are(town: Town) -> None:
    await town.follow("ann", "prisoners")
    await town.follow("bob", "prisoners")
    async with town.app.database.write() as tx:
        for who, level, number in (("ann", Level.MAJOR, None), ("bob", Level.BREAKING, 1)):
            found = await subscribers.find(tx, builders.chat(who, platform="fake"))
            assert found
            await subscribers.set_level(tx, found.id, level, number)
    await told_by_all(town)
    assert [title(message).split(" · ")[0] for message in town.chats.arrived["ann"]] == ["Major"]
    assert "bob" not in town.chats.arrived


async def test_rules_may_ask_for_several_sides(town: Town) -> None:
    await town.follow("ann", "prisoners sides>=2")
    town.publish(FIRST)
    await town.advance(minutes=10)
    assert town.alerts("ann") == []
    town.publish(FIRST, at="volga")
    await town.advance(minutes=10)
    assert len(town.alerts("ann")) == 1


async def test_a_deleted_message_is_edited_no_more_and_news_of_a_higher_level_still_come(town: Town) -> None:
    await town.follow("ann", "prisoners")
    town.publish(FIRST)
    await town.advance(minutes=10)
    town.chats.errors["ann"] = [SendRefused("message to edit not found")]
    town.publish(FIRST, at="westmark")
    await town.advance(minutes=10)
    assert kinds(town) == ["new"]
    town.publish(FIRST, at="flankpost")
    await town.advance(minutes=10)
    assert kinds(town) == ["new"], "no edit is tried again"
    for at in ("volga", "rhinepost"):
        town.publish(FIRST, at=at)
        await town.advance(minutes=1)
    assert kinds(town) == ["new", "new"]
    assert title(town.chats.arrived["ann"][1]).startswith("Now major")


async def test_a_level_that_rises_while_the_platform_makes_us_wait_is_told_once(town: Town) -> None:
    await town.follow("ann", "prisoners")
    town.publish(FIRST)
    await town.advance(minutes=10)
    town.chats.errors["ann"] = [SendLater(timedelta(minutes=30))]
    for at in ("westmark", "flankpost", "volga", "rhinepost"):
        town.publish(FIRST, at=at)
        await town.advance(minutes=1)
    await town.advance(minutes=45)
    assert kinds(town) == ["new", "answer", "edit"]
    assert teller(town.chats.arrived["ann"][0]).startswith("5 publishers")


async def test_a_muted_story_is_neither_edited_nor_told_again(town: Town) -> None:
    await town.follow("ann", "prisoners")
    town.publish(FIRST)
    await town.advance(minutes=2)
    await town.press("ann", town.chats.arrived["ann"][0], "Mute this story")
    before = len(town.chats.sent)
    for at in ("westmark", "flankpost", "volga", "rhinepost"):
        town.publish(FIRST, at=at)
        await town.advance(minutes=10)
    assert len(town.chats.sent) == before


async def test_pausing_ends_no_alert_that_was_read(town: Town) -> None:
    await town.follow("ann", "prisoners")
    town.publish(FIRST)
    await town.advance(minutes=2)
    town.publish(FIRST, at="westmark")
    await town.advance(minutes=1)
    await town.say("ann", "/pause 1h")
    for at in ("flankpost", "volga"):
        town.publish(FIRST, at=at)
        await town.advance(minutes=10)
    assert kinds(town).count("new") == 1
    assert "answer" not in kinds(town), "what rises meanwhile does not ring"
    await town.say("ann", "/resume")
    town.publish(FIRST, at="rhinepost")
    await town.advance(minutes=10)
    assert kinds(town).count("new") == 1
    assert kinds(town).count("answer") == 1
