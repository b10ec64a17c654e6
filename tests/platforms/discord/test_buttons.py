import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.message.blocks import Button, fits_button
from bot.platforms.discord.buttons import ButtonScope, read_custom_id

COMMANDS = st.text(max_size=60).map("/{}".format).filter(fits_button)
SCOPES = st.builds(ButtonScope, channel=st.just("") | st.integers(10**16, 2**64 - 1).map(str))


@given(SCOPES, COMMANDS)
def test_what_a_button_carries_fits_and_is_read_again(scope: ButtonScope, command: str) -> None:
    custom_id = scope.custom_id(Button("Go", command))
    assert 1 <= len(custom_id) <= 100
    assert read_custom_id(custom_id) == (scope, command)


@pytest.mark.parametrize("custom_id", ["", "v0:mute:17", "rules", "@12/unfollow 2", "!", "!!/rules", "12"])
def test_what_is_none_of_ours_is_not_read(custom_id: str) -> None:
    assert read_custom_id(custom_id) is None


def test_a_button_that_once_said_who_may_press_it_says_so_no_more() -> None:
    assert read_custom_id("!/unfollow 2") == (ButtonScope(), "/unfollow 2")
    assert read_custom_id("!123/unfollow 2") == (ButtonScope(channel="123"), "/unfollow 2")
