from datetime import timedelta

import pytest

from bot.core.model import (
    Dead,
    Delivery,
    DeliveryId,
    Outcome,
    Retry,
    RuleId,
    StoryId,
    SubscriberId,
    Urgency,
)
from bot.delivery.dispatcher import after_failure
from bot.errors import ChatClosed, ChatGone, PlatformAway, SendError, SendLater, SendRefused, SendUnknown
from tests import builders
from tests.builders import NOW

SECOND = timedelta(seconds=1)


def delivery(*, attempts: int = 1, unknown: bool = False, age: timedelta = timedelta(0)) -> Delivery:
    return Delivery(
        id=DeliveryId(1),
        subscriber=SubscriberId(1),
        chat=builders.chat(),
        story=StoryId(1),
        rule=RuleId(1),
        urgency=Urgency.ALERT,
        attempts=attempts,
        unknown=unknown,
        created=NOW - age,
    )


@pytest.mark.parametrize(
    ("owed", "error", "outcome"),
    [
        (delivery(), ChatGone("blocked"), Dead(reason="blocked")),
        (delivery(), SendRefused("message is too long"), Dead(reason="message is too long")),
        (delivery(), SendLater(40 * SECOND), Retry(at=NOW + 40 * SECOND, reason="asked to wait 40 s")),
        (delivery(attempts=99), SendLater(SECOND), Retry(at=NOW + SECOND, reason="asked to wait 1 s")),
        (
            delivery(),
            ChatClosed("no rights", retry_after=600 * SECOND),
            Retry(at=NOW + 600 * SECOND, reason="no rights"),
        ),
        (delivery(), SendError("no way"), Retry(at=NOW + 5 * SECOND, reason="no way", alone=True)),
        (delivery(attempts=3), SendError("no way"), Retry(at=NOW + 20 * SECOND, reason="no way", alone=True)),
        (delivery(attempts=99), SendError("no way"), Retry(at=NOW + 3600 * SECOND, reason="no way", alone=True)),
        (delivery(), PlatformAway("no connection"), Retry(at=NOW + 5 * SECOND, reason="no connection")),
        (delivery(attempts=99), PlatformAway("no connection"), Retry(at=NOW + 60 * SECOND, reason="no connection")),
        (delivery(), SendUnknown("lost"), Retry(at=NOW + 60 * SECOND, reason="lost", unknown=True)),
        (
            delivery(attempts=2, unknown=True),
            SendUnknown("lost"),
            Retry(at=NOW + 600 * SECOND, reason="lost", unknown=True),
        ),
        (
            delivery(attempts=3, unknown=True),
            SendUnknown("lost"),
            Retry(at=NOW + 1200 * SECOND, reason="lost", unknown=True),
        ),
        (
            delivery(attempts=99, unknown=True),
            SendUnknown("lost"),
            Retry(at=NOW + 1200 * SECOND, reason="lost", unknown=True),
        ),
        (delivery(age=timedelta(hours=24)), SendLater(SECOND), Dead(reason="gave up after a day: asked to wait 1 s")),
    ],
)
def test_what_becomes_of_a_delivery_whose_send_failed(owed: Delivery, error: SendError, outcome: Outcome) -> None:
    assert after_failure(owed, error, NOW) == outcome
