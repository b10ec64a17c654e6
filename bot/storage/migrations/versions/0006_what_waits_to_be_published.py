"""What waits to be published to those who follow a channel"""

import sqlalchemy as sa
from alembic import op

from bot.storage.schema import Id, Instant

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "publications",
        sa.Column("subscriber_id", Id, nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("queued", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("subscriber_id", "ref"),
    )
