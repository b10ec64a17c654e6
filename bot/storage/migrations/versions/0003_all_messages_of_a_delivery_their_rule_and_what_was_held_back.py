"""All messages of a delivery, the rule that they name, and news of a higher level that a mute held back"""

import sqlalchemy as sa
from alembic import op

from bot.storage.schema import Id, Instant

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("told_number", sa.Integer(), nullable=True))
    op.add_column("deliveries", sa.Column("told_rule", sa.Text(), nullable=True))
    op.add_column("deliveries", sa.Column("held", Instant(), nullable=True))
    op.add_column("deliveries", sa.Column("held_level", sa.Text(), nullable=True))
    op.add_column("deliveries", sa.Column("told_heads", sa.JSON(), nullable=True))
    op.add_column("deliveries", sa.Column("rung_ref", sa.Text(), nullable=True))
    op.add_column("deliveries", sa.Column("rung_head", sa.JSON(), nullable=True))
    op.create_table(
        "other_refs",
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("delivery_id", Id, nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("ref", "delivery_id"),
    )
    op.create_index("other_refs_by_delivery", "other_refs", ["delivery_id"], unique=False)
    op.create_index("mutes_by_end", "mutes", ["until"], unique=False)
