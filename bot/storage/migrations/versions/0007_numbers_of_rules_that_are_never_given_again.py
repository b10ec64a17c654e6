"""The highest number that a rule of a chat has had, so that none is given again"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("subscribers", sa.Column("last_number", sa.Integer(), server_default=sa.text("0"), nullable=False))
    # Alerts name rules that may have ended since.
    op.execute(
        "UPDATE subscribers SET last_number = max("
        "coalesce((SELECT max(number) FROM followings WHERE subscriber_id = subscribers.id), 0), "
        "coalesce((SELECT max(told_number) FROM deliveries WHERE subscriber_id = subscribers.id), 0))"
    )
