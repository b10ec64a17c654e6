import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.message import Button, fits_button
from bot.platforms.discord_buttons import Scope, read_custom_id

COMMANDS = st.text(max_size=60).map("/{}".format).filter(fits_button)
SCOPES = st.builds(Scope, channel=st.just("") | st.integers(10**16, 2**64 - 1).map(str), for_admin=st.booleans())


@given(SCOPES, COMMANDS)
def test_what_a_button_carries_fits_and_is_read_again(scope: Scope, command: str) -> None:
    custom_id = scope.custom_id(Button("Go", command))
    assert 1 <= len(custom_id) <= 100
    assert read_custom_id(custom_id) == (scope, command)


@pytest.mark.parametrize("custom_id", ["", "v0:mute:17", "rules", "@12/unfollow 2", "!", "!!/rules", "12"])
def test_what_is_none_of_ours_is_not_read(custom_id: str) -> None:
    assert read_custom_id(custom_id) is None
