"""Urgency, sound and mutes"""

import sqlalchemy as sa
from alembic import op

from bot.storage.schema import Id, Instant

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("urgency", sa.Integer(), server_default=sa.text("2"), nullable=False))
    op.add_column("subscribers", sa.Column("sound", sa.Text(), server_default=sa.text("'normal'"), nullable=False))

    op.create_table(
        "mutes",
        sa.Column("id", Id, nullable=False),
        sa.Column("subscriber_id", Id, nullable=False),
        sa.Column("story_id", Id, nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("until", Instant(), nullable=True),
        sa.Column("created", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("mutes_by_story", "mutes", ["story_id"], unique=False)
    op.create_index("mutes_by_subscriber", "mutes", ["subscriber_id"], unique=False)
