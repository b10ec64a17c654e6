"""Stories that go on, urgency, sound, mutes, channels, and what owners decide"""

import sqlalchemy as sa
from alembic import op

from bot.storage.schema import Id, Instant

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.drop_table("reprint_keys")
    op.add_column("deliveries", sa.Column("urgency", sa.Integer(), server_default=sa.text("2"), nullable=False))
    op.drop_index("deliveries_owed", "deliveries")

    op.create_table(
        "broadcasts",
        sa.Column("id", Id, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created", Instant(), nullable=False),
        sa.Column("confirmed", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    # SQLite cannot let a column be empty that could not be before: the table is copied.
    with op.batch_alter_table("deliveries", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.add_column(sa.Column("broadcast_id", Id, nullable=True))
        table.add_column(sa.Column("told", Instant(), nullable=True))
        table.add_column(sa.Column("told_level", sa.Text(), nullable=True))
        table.add_column(sa.Column("told_revision", sa.Integer(), nullable=True))
        table.add_column(sa.Column("told_digest", sa.LargeBinary(), nullable=True))
        table.create_foreign_key("deliveries_of_broadcasts", "broadcasts", ["broadcast_id"], ["id"], ondelete="CASCADE")
        table.alter_column("story_id", existing_type=Id, nullable=True)
        table.alter_column("rule_id", existing_type=Id, nullable=True)
    op.create_index(
        "one_delivery_a_chat_and_broadcast",
        "deliveries",
        ["broadcast_id", "subscriber_id"],
        unique=True,
        sqlite_where=sa.text("broadcast_id IS NOT NULL"),
    )
    op.create_index(
        "deliveries_owed",
        "deliveries",
        ["urgency", "due"],
        unique=False,
        sqlite_where=sa.text("state IN ('queued', 'sending')"),
    )
    op.drop_index("deliveries_by_story", "deliveries")
    op.create_index("deliveries_by_story", "deliveries", ["story_id", "subscriber_id"], unique=False)
    op.execute(
        "UPDATE deliveries SET told = settled, told_level = 'normal', told_revision = 0, told_digest = x'' "
        "WHERE state = 'sent'"
    )
    op.add_column("matches", sa.Column("at", Instant(), server_default=sa.text("0"), nullable=False))
    op.add_column("followings", sa.Column("level", sa.Text(), nullable=True))
    op.add_column("followings", sa.Column("mention", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column("subscribers", sa.Column("level", sa.Text(), server_default=sa.text("'normal'"), nullable=False))
    op.add_column("subscribers", sa.Column("sound", sa.Text(), server_default=sa.text("'normal'"), nullable=False))
    op.add_column("subscribers", sa.Column("reach", sa.Text(), server_default=sa.text("'itself'"), nullable=False))
    op.add_column("subscribers", sa.Column("is_channel", sa.Boolean(), server_default=sa.text("0"), nullable=False))
    op.add_column("subscribers", sa.Column("publishes", sa.Boolean(), server_default=sa.text("0"), nullable=False))
    op.add_column("subscribers", sa.Column("set_up_by", sa.Text(), nullable=True))

    op.create_table(
        "acting",
        sa.Column("subscriber_id", Id, nullable=False),
        sa.Column("channel_id", Id, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["subscribers.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("subscriber_id"),
    )
    op.create_index("acting_by_channel", "acting", ["channel_id"], unique=False)

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

    op.create_table(
        "switches",
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("source_id"),
    )
    op.create_table(
        "added_sources",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("lang", sa.Text(), nullable=False),
        sa.Column("created", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("url"),
    )
    op.create_table(
        "admissions",
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("brought_by", sa.Text(), nullable=True),
        sa.Column("created", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("entry"),
    )
    op.create_index("items_by_url", "items", ["url", "published"], unique=False)
    op.create_table(
        "former_titles",
        sa.Column("id", Id, nullable=False),
        sa.Column("item_id", Id, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("former_titles_by_item", "former_titles", ["item_id"], unique=False)
    op.create_table(
        "story_levels",
        sa.Column("story_id", Id, nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("story_id", "level"),
    )
