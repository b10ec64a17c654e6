from bot.commands import COMMANDS
from bot.commands.framework.command import EVERYWHERE, Who
from bot.core.rules.operators import OPERATORS
from tests.builders import item
from tests.commands.room import Room


async def test_the_welcome_teaches_in_five_lines_and_offers_three_rules(room: Room) -> None:
    reply = await room.say("/start")
    paragraph = reply.text.split("\n\n")[1].splitlines()
    assert len(paragraph) == 5
    assert [word for word in ("/latest", "/search", "/follow", "/help") if word in reply.text] == [
        "/latest",
        "/search",
        "/follow",
        "/help",
    ]
    assert len(reply.buttons) == 3


async def test_a_ready_made_rule_goes_through_the_same_question(room: Room) -> None:
    await room.publish(item("Drones close Kestrel harbour"))
    welcome = await room.say("/start")
    asked = await room.press(welcome, "Drones and airspace")
    assert asked.titles == ["Drones close Kestrel harbour"]
    saved = await room.press(asked, "Follow")
    assert saved.lines[0] == 'Saved as rule 1: drone OR airspace OR "air space"'
    for label in list(welcome.buttons)[1:]:
        assert list((await room.press(welcome, label)).buttons) == ["Follow", "Cancel"]


async def test_help_lists_every_command_but_the_hidden_ones(room: Room) -> None:
    lines = (await room.say("/help")).lines
    for command in COMMANDS:
        line = f"{command.usage} – {command.summary}"
        is_for_all = command.about in EVERYWHERE and command.who is not Who.OWNER
        assert (line in lines) is (not command.hidden and is_for_all)


async def test_help_for_a_command_explains_its_params_and_the_language_of_rules(room: Room) -> None:
    reply = await room.say("/help search")
    assert reply.lines[0] == "/search rule [period]"
    assert "For example: /search drone (poland OR estonia) 3d" in reply.lines
    for operator in OPERATORS.values():
        assert f"{operator.example} – {operator.help}" in reply.lines
    assert "How rules are written" not in (await room.say("/help pause")).text


async def test_help_for_what_does_not_exist_says_so(room: Room) -> None:
    assert (await room.say("/help dance")).lines == ["/dance isn't a command. /help lists all commands."]


async def test_about_tells_the_licence_the_labels_and_what_is_kept(room: Room) -> None:
    text = (await room.say("/about")).text
    assert "MIT" in text
    assert "never by its worth" in text
    assert "/forget deletes all of it" in text
    assert "the user number of the person who last set it up" in text
    assert "you are console:ann, and this chat is console:ann" in text


async def test_help_tells_owners_what_only_they_may_send(room: Room) -> None:
    assert "/sources add" not in (await room.say("/help")).text
    for line in ("/help", "/help sources"):
        assert "/sources add https://..." in (await room.say(line, user="olga")).lines


async def test_help_speaks_of_replies_only_where_a_command_can_be_one(room: Room) -> None:
    assert (
        "number – its number in the last list; leave it out when replying to an alert"
        in (await room.say("/help why")).lines
    )
    for asked in (
        await room.fill("help"),
        await room.fill("help", command="why"),
        await room.fill("help", command="mute"),
    ):
        assert "reply" not in asked.text
