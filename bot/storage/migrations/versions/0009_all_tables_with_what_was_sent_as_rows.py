"""All tables; what versions 0003 to 0008 say of their messages becomes rows"""

from functools import partial

import sqlalchemy as sa
from alembic import context, op

from bot.storage.schema import Id, Instant

revision = "0009"
down_revision = None

create_table = partial(op.create_table, if_not_exists=True)
create_index = partial(op.create_index, if_not_exists=True)


def upgrade() -> None:
    version = context.config.attributes.get("carried_over_from")
    if version is not None:
        _make_room(version)
    _create_tables()
    for statement in _CARRY_OVER if version is not None else ():
        op.execute(statement)


def _make_room(version: str) -> None:
    """Give the tables of before the columns that they lack, and put those aside whose rows are written anew."""
    if version < "0004":
        op.add_column("former_titles", sa.Column("reverses", sa.Boolean(), server_default=sa.text("0"), nullable=False))
        op.add_column("deliveries", sa.Column("warned", Instant(), nullable=True))
    if version < "0005":
        op.add_column("poll_states", sa.Column("checked", Instant(), nullable=True))
        op.add_column("poll_states", sa.Column("unconditional_until", Instant(), nullable=True))
        op.add_column("poll_states", sa.Column("keeps_ids", sa.Boolean(), server_default=sa.text("0"), nullable=False))
    if version < "0007":
        last = sa.Column("last_number", sa.Integer(), server_default=sa.text("0"), nullable=False)
        op.add_column("subscribers", last)
        # Alerts name rules that may have ended since.
        op.execute(
            "UPDATE subscribers SET last_number = max("
            "coalesce((SELECT max(number) FROM followings WHERE subscriber_id = subscribers.id), 0), "
            "coalesce((SELECT max(told_number) FROM deliveries WHERE subscriber_id = subscribers.id), 0))"
        )
    if version < "0008":
        op.add_column("deliveries", sa.Column("begun", sa.Boolean(), server_default=sa.text("0"), nullable=False))
        # Nobody noted it of these, so each of them may have left.
        op.execute("UPDATE deliveries SET begun = 1 WHERE state = 'sending'")
    op.execute("ALTER TABLE subscribers RENAME COLUMN parked TO unreachable_since")
    op.execute("ALTER TABLE subscribers RENAME COLUMN reach TO alert_route")
    for index in ("one_delivery_a_chat_and_broadcast", "deliveries_owed", "deliveries_by_story"):
        op.drop_index(index, "deliveries")
    op.rename_table("deliveries", "old_deliveries")


# From the columns of deliveries to rows. `ref` was the message that was edited, the first unless that could be edited
# no more; `rung_ref` the newest beside it; other_refs named that, too, and all others. A head was [item, since, title
# that was shown since, if it was corrected, whether it rang, when news that it was taken back last did].
_CARRY_OVER = (
    """
    INSERT INTO deliveries (id, subscriber_id, story_id, rule_id, broadcast_id, urgency, state, due, attempts, begun,
        unknown, reason, created, settled)
    SELECT id, subscriber_id, story_id, rule_id, broadcast_id, urgency, state, due, attempts, begun, unknown, reason,
        created, settled
    FROM old_deliveries
    """,
    "DELETE FROM sqlite_sequence WHERE name = 'deliveries'",
    "UPDATE sqlite_sequence SET name = 'deliveries' WHERE name = 'old_deliveries'",
    # The first.
    """
    INSERT INTO alert_messages (delivery_id, number, ref, kind, sent_at, level, revision, editable, rang, rule_number,
        rule_text, corrected_until)
    SELECT id, 1, ref, 'alert', told, told_level, told_revision, ref IS NOT NULL,
        coalesce(json_extract(told_heads, '$[0][3]'), 1), told_number, told_rule, coalesce(warned, told)
    FROM old_deliveries WHERE told IS NOT NULL
    """,
    # Those that are edited no more.
    """
    INSERT INTO alert_messages (delivery_id, number, ref, kind, sent_at, level, revision, editable, rang, rule_number,
        rule_text, corrected_until)
    SELECT id, 1 + row_number() OVER (PARTITION BY id ORDER BY other_refs.ref), other_refs.ref, 'update', told,
        'normal', told_revision, 0, 1, told_number, told_rule, coalesce(warned, told)
    FROM old_deliveries JOIN other_refs ON delivery_id = id
    WHERE told IS NOT NULL AND other_refs.ref IS NOT old_deliveries.ref AND other_refs.ref IS NOT rung_ref
    """,
    # The newest.
    """
    INSERT INTO alert_messages (delivery_id, number, ref, kind, sent_at, level, revision, editable, rang, rule_number,
        rule_text, corrected_until)
    SELECT id, (SELECT max(number) + 1 FROM alert_messages WHERE delivery_id = id), rung_ref,
        CASE WHEN EXISTS (
            SELECT 1 FROM json_each(told_heads) AS head
            WHERE json_extract(head.value, '$[0]') = json_extract(rung_head, '$[0]')
                AND json_extract(head.value, '$[4]') = json_extract(rung_head, '$[1]')
        ) THEN 'correction' ELSE 'update' END,
        json_extract(rung_head, '$[1]'), told_level, told_revision, 1, coalesce(json_extract(rung_head, '$[3]'), 1),
        told_number, told_rule, coalesce(warned, told)
    FROM old_deliveries WHERE told IS NOT NULL AND rung_ref IS NOT NULL
    """,
    # What a mute has kept back.
    """
    INSERT INTO alert_messages (delivery_id, number, kind, sent_at, level, revision, editable, rang, corrected_until)
    SELECT id, (SELECT max(number) + 1 FROM alert_messages WHERE delivery_id = id), 'suppressed', held, held_level,
        told_revision, 0, 0, coalesce(warned, told)
    FROM old_deliveries WHERE told IS NOT NULL AND held IS NOT NULL
    """,
    # What rang and could be edited no more was corrected in the first message.
    """
    INSERT OR IGNORE INTO alert_headlines (delivery_id, number, item_id, title, since)
    SELECT id, number, json_extract(head, '$[0]'), coalesce(json_extract(head, '$[2]'), ''), json_extract(head, '$[1]')
    FROM (
        SELECT d.id, 1 AS number, each.value AS head FROM old_deliveries AS d, json_each(told_heads) AS each
        WHERE told IS NOT NULL AND json_type(told_heads) = 'array'
        UNION ALL
        SELECT id, coalesce((SELECT max(number) FROM alert_messages WHERE delivery_id = id AND ref = rung_ref), 1),
            rung_head
        FROM old_deliveries WHERE told IS NOT NULL AND json_type(rung_head) = 'array'
    )
    """,
    # Before heads were kept, one of the reports headed the message, most likely the first.
    """
    INSERT INTO alert_headlines (delivery_id, number, item_id, title, since)
    SELECT d.id, 1, items.id, '', told FROM old_deliveries AS d JOIN items
        ON items.id = (SELECT id FROM items WHERE story_id = d.story_id ORDER BY published, id LIMIT 1)
    WHERE told IS NOT NULL AND d.id NOT IN (SELECT delivery_id FROM alert_headlines)
    """,
    # What a report was called then: unless its title was changed in substance since, as it is now.
    """
    UPDATE alert_headlines SET title = coalesce(
        (SELECT f.title FROM former_titles AS f WHERE f.item_id = alert_headlines.item_id AND until > since
            ORDER BY f.id LIMIT 1),
        (SELECT items.title FROM items WHERE items.id = item_id),
        ''
    ) WHERE title = ''
    """,
    "DROP TABLE other_refs",
    "DROP TABLE old_deliveries",
)


def _create_tables() -> None:
    create_table(
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
    create_table(
        "admissions",
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("brought_by", sa.Text()),
        sa.Column("created", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("entry"),
    )
    create_table(
        "broadcasts",
        sa.Column("id", Id, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created", Instant(), nullable=False),
        sa.Column("confirmed", Instant()),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    create_table(
        "item_keys",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("item_id", Id, nullable=False),
        sa.Column("seen", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    create_index("item_keys_by_age", "item_keys", ["seen"])
    create_table(
        "poll_states",
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("url", sa.Text()),
        sa.Column("etag", sa.Text()),
        sa.Column("last_modified", sa.Text()),
        sa.Column("body_hash", sa.Text()),
        sa.Column("rhythm", sa.JSON(), nullable=False),
        sa.Column("next_poll", Instant(), nullable=False),
        sa.Column("stored_once", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text()),
        sa.Column("last_success", Instant()),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("checked", Instant()),
        sa.Column("unconditional_until", Instant()),
        sa.Column("keeps_ids", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("source_id"),
    )
    create_table(
        "rules",
        sa.Column("id", Id, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("names_relevance", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("text"),
        sqlite_autoincrement=True,
    )
    create_table(
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
    create_index("stories_by_age", "stories", ["updated"])
    create_table(
        "subscribers",
        sa.Column("id", Id, nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("thread", sa.Text(), nullable=False),
        sa.Column("relevance", sa.Text(), nullable=False),
        sa.Column("paused_until", Instant()),
        sa.Column("sound", sa.Text(), server_default=sa.text("'normal'"), nullable=False),
        sa.Column("level", sa.Text(), server_default=sa.text("'normal'"), nullable=False),
        sa.Column("is_channel", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("publishes", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("set_up_by", sa.Text()),
        sa.Column("alert_route", sa.Text(), server_default=sa.text("'itself'"), nullable=False),
        sa.Column("last_number", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("unreachable_since", Instant()),
        sa.Column("created", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("platform", "address", "thread", name="one_subscriber_a_chat"),
        sqlite_autoincrement=True,
    )
    create_table(
        "switches",
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("source_id"),
    )
    create_table(
        "acting",
        sa.Column("subscriber_id", Id, nullable=False),
        sa.Column("channel_id", Id, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["subscribers.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("subscriber_id"),
    )
    create_index("acting_by_channel", "acting", ["channel_id"])
    create_table(
        "deliveries",
        sa.Column("id", Id, nullable=False),
        sa.Column("subscriber_id", Id, nullable=False),
        sa.Column("story_id", Id),
        sa.Column("rule_id", Id),
        sa.Column("broadcast_id", Id),
        sa.Column("urgency", sa.Integer(), server_default=sa.text("2"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due", Instant(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("begun", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("unknown", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("created", Instant(), nullable=False),
        sa.Column("settled", Instant()),
        sa.ForeignKeyConstraint(["broadcast_id"], ["broadcasts.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("subscriber_id", "story_id", name="one_delivery_a_chat_and_story"),
        sqlite_autoincrement=True,
    )
    create_index("deliveries_by_story", "deliveries", ["story_id", "subscriber_id"])
    create_index(
        "deliveries_owed", "deliveries", ["urgency", "due"], sqlite_where=sa.text("state IN ('queued', 'sending')")
    )
    create_index(
        "one_delivery_a_chat_and_broadcast",
        "deliveries",
        ["broadcast_id", "subscriber_id"],
        unique=True,
        sqlite_where=sa.text("broadcast_id IS NOT NULL"),
    )
    create_table(
        "drafts",
        sa.Column("id", Id, nullable=False),
        sa.Column("subscriber_id", Id, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    create_index("drafts_by_subscriber", "drafts", ["subscriber_id"])
    create_table(
        "fanouts",
        sa.Column("story_id", Id, nullable=False),
        sa.Column("after", Id, nullable=False),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("story_id"),
    )
    create_table(
        "followings",
        sa.Column("subscriber_id", Id, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("rule_id", Id, nullable=False),
        sa.Column("level", sa.Text()),
        sa.Column("mention", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["rule_id"],
            ["rules.id"],
        ),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("subscriber_id", "number"),
        sa.UniqueConstraint("rule_id", "subscriber_id", name="one_following_a_rule"),
    )
    create_table(
        "items",
        sa.Column("id", Id, nullable=False),
        sa.Column("story_id", Id, nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("source_name", sa.Text(), nullable=False),
        sa.Column("publisher", sa.Text(), nullable=False),
        sa.Column("publisher_kind", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("lang", sa.Text(), nullable=False),
        sa.Column("url", sa.Text()),
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
    create_index("items_by_age", "items", ["first_seen"])
    create_index("items_by_relevance", "items", ["relevance", "published"])
    create_index("items_by_story", "items", ["story_id"])
    create_index("items_by_url", "items", ["url", "published"])
    create_table(
        "matches",
        sa.Column("story_id", Id, nullable=False),
        sa.Column("rule_id", Id, nullable=False),
        sa.Column("at", Instant(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("story_id", "rule_id"),
    )
    create_table(
        "mutes",
        sa.Column("id", Id, nullable=False),
        sa.Column("subscriber_id", Id, nullable=False),
        sa.Column("story_id", Id),
        sa.Column("text", sa.Text()),
        sa.Column("until", Instant()),
        sa.Column("created", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    create_index("mutes_by_end", "mutes", ["until"])
    create_index("mutes_by_story", "mutes", ["story_id"])
    create_index("mutes_by_subscriber", "mutes", ["subscriber_id"])
    create_table(
        "publications",
        sa.Column("subscriber_id", Id, nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("queued", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("subscriber_id", "ref"),
    )
    create_table(
        "story_levels",
        sa.Column("story_id", Id, nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("story_id", "level"),
    )
    create_table(
        "alert_messages",
        sa.Column("delivery_id", Id, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("ref", sa.Text()),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sent_at", Instant(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary()),
        sa.Column("editable", sa.Boolean(), nullable=False),
        sa.Column("rang", sa.Boolean(), nullable=False),
        sa.Column("rule_number", sa.Integer()),
        sa.Column("rule_text", sa.Text()),
        sa.Column("corrected_until", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("delivery_id", "number"),
        sqlite_with_rowid=False,
    )
    create_index("alert_messages_by_ref", "alert_messages", ["ref"])
    create_table(
        "former_titles",
        sa.Column("id", Id, nullable=False),
        sa.Column("item_id", Id, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("reverses", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    create_index("former_titles_by_item", "former_titles", ["item_id"])
    create_table(
        "alert_headlines",
        sa.Column("delivery_id", Id, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("item_id", Id, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id", "number"], ["alert_messages.delivery_id", "alert_messages.number"], ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("delivery_id", "number", "item_id"),
        sqlite_with_rowid=False,
    )
