"""How alerts come to the channels of a server."""

from tests.commands.room import Room


async def test_a_rule_mentions_a_role_until_none_is_named(room: Room) -> None:
    await room.follow("drones")
    await room.follow("cable")
    chosen = await room.say("/mention 2 123", in_server=True)
    assert chosen.lines == ["Alerts of rule 2 now mention @123: cable"]
    listed = (await room.say("/rules")).lines
    assert listed[-1] == "Its alerts mention a role."
    assert listed.count("Its alerts mention a role.") == 1
    ended = await room.say("/mention 2", in_server=True)
    assert ended.lines == ["Alerts of rule 2 don't mention anyone: cable"]
    assert "mention" not in (await room.say("/rules")).text


async def test_only_a_rule_that_is_there_can_mention_a_role(room: Room) -> None:
    answer = await room.say("/mention 3 123", in_server=True)
    assert answer.lines == ["This chat has no rule 3. /rules shows the numbers."]


async def test_where_there_is_no_server_it_is_neither_offered_nor_done(room: Room) -> None:
    await room.follow("drones")
    answer = await room.say("/mention 1 123")
    assert answer.lines == ["That works in server channels on Discord."]
    assert "mention" not in (await room.say("/rules")).text
    assert "/mention" not in (await room.say("/help")).text
    assert "/mention" in (await room.say("/help", in_server=True)).text


async def test_only_admins_choose_whom_alerts_mention(room: Room) -> None:
    await room.follow("drones")
    answer = await room.say("/mention 1 123", in_server=True, admin=False)
    assert answer.text.startswith("Only admins of this chat")
