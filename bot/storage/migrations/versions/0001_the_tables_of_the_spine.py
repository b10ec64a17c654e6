"""The tables of the spine"""

import sqlalchemy as sa
from alembic import op

from bot.storage.schema import Id, Instant

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "item_keys",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("item_id", Id, nullable=False),
        sa.Column("seen", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("item_keys_by_age", "item_keys", ["seen"], unique=False)

    op.create_table(
        "poll_states",
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("body_hash", sa.Text(), nullable=True),
        sa.Column("rhythm", sa.JSON(), nullable=False),
        sa.Column("next_poll", Instant(), nullable=False),
        sa.Column("stored_once", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("last_success", Instant(), nullable=True),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("source_id"),
    )
    op.create_table(
        "rules",
        sa.Column("id", Id, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("names_relevance", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("text"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "stories",
        sa.Column("id", Id, nullable=False),
        sa.Column("relevance", sa.Text(), nullable=False),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created", Instant(), nullable=False),
        sa.Column("updated", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("stories_by_age", "stories", ["updated"], unique=False)

    op.create_table(
        "subscribers",
        sa.Column("id", Id, nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("thread", sa.Text(), nullable=False),
        sa.Column("relevance", sa.Text(), nullable=False),
        sa.Column("paused_until", Instant(), nullable=True),
        sa.Column("parked", Instant(), nullable=True),
        sa.Column("created", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("platform", "address", "thread", name="one_subscriber_a_chat"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "deliveries",
        sa.Column("id", Id, nullable=False),
        sa.Column("subscriber_id", Id, nullable=False),
        sa.Column("story_id", Id, nullable=False),
        sa.Column("rule_id", Id, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due", Instant(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("unknown", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("ref", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("created", Instant(), nullable=False),
        sa.Column("settled", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("subscriber_id", "story_id", name="one_delivery_a_chat_and_story"),
        sqlite_autoincrement=True,
    )
    op.create_index("deliveries_by_story", "deliveries", ["story_id"], unique=False)
    op.create_index(
        "deliveries_owed",
        "deliveries",
        ["state", "due"],
        unique=False,
        sqlite_where=sa.text("state IN ('queued', 'sending')"),
    )

    op.create_table(
        "drafts",
        sa.Column("id", Id, nullable=False),
        sa.Column("subscriber_id", Id, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("drafts_by_subscriber", "drafts", ["subscriber_id"], unique=False)

    op.create_table(
        "fanouts",
        sa.Column("story_id", Id, nullable=False),
        sa.Column("after", Id, nullable=False),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("story_id"),
    )
    op.create_table(
        "followings",
        sa.Column("subscriber_id", Id, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("rule_id", Id, nullable=False),
        sa.Column("created", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["rule_id"],
            ["rules.id"],
        ),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("subscriber_id", "number"),
        sa.UniqueConstraint("rule_id", "subscriber_id", name="one_following_a_rule"),
    )
    op.create_table(
        "items",
        sa.Column("id", Id, nullable=False),
        sa.Column("story_id", Id, nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("source_name", sa.Text(), nullable=False),
        sa.Column("publisher", sa.Text(), nullable=False),
        sa.Column("publisher_kind", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("lang", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("published", Instant(), nullable=False),
        sa.Column("first_seen", Instant(), nullable=False),
        sa.Column("relevance", sa.Text(), nullable=False),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("items_by_age", "items", ["first_seen"], unique=False)
    op.create_index("items_by_relevance", "items", ["relevance", "published"], unique=False)
    op.create_index("items_by_story", "items", ["story_id"], unique=False)

    op.create_table(
        "matches",
        sa.Column("story_id", Id, nullable=False),
        sa.Column("rule_id", Id, nullable=False),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("story_id", "rule_id"),
    )
    op.create_table(
        "reprint_keys",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("story_id", Id, nullable=False),
        sa.Column("seen", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("reprint_keys_by_age", "reprint_keys", ["seen"], unique=False)
    op.create_index("reprint_keys_by_story", "reprint_keys", ["story_id"], unique=False)
