"""All tables; what versions 0003 to 0008 say of their messages becomes rows"""

import sqlalchemy as sa
from alembic import context, op

from bot.storage.schema import Instant

revision = "0009"
down_revision = None


def upgrade() -> None:
    version = context.config.attributes.get("carried_over_from")
    if version is not None:
        _make_room(version)
    for statement in (*_TABLES, *(_CARRY_OVER if version is not None else ())):
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

_TABLES = (
    """
    CREATE TABLE IF NOT EXISTS added_sources (id TEXT NOT NULL, url TEXT NOT NULL, side TEXT NOT NULL,
        name TEXT NOT NULL, kind TEXT NOT NULL, lang TEXT NOT NULL, created BIGINT NOT NULL, PRIMARY KEY (id),
        UNIQUE (url))
    """,
    """
    CREATE TABLE IF NOT EXISTS admissions (entry TEXT NOT NULL, brought_by TEXT, created BIGINT NOT NULL,
        PRIMARY KEY (entry))
    """,
    """
    CREATE TABLE IF NOT EXISTS broadcasts (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL,
        created BIGINT NOT NULL, confirmed BIGINT)
    """,
    """
    CREATE TABLE IF NOT EXISTS item_keys ("key" BLOB NOT NULL, item_id INTEGER NOT NULL, seen BIGINT NOT NULL,
        PRIMARY KEY ("key"))
    """,
    "CREATE INDEX IF NOT EXISTS item_keys_by_age ON item_keys (seen)",
    """
    CREATE TABLE IF NOT EXISTS poll_states (source_id TEXT NOT NULL, asked TEXT NOT NULL, url TEXT, etag TEXT,
        last_modified TEXT, body_hash TEXT, rhythm JSON NOT NULL, next_poll BIGINT NOT NULL,
        stored_once BOOLEAN NOT NULL, failures INTEGER NOT NULL, problem TEXT, last_success BIGINT,
        gone BOOLEAN NOT NULL, checked BIGINT, unconditional_until BIGINT, keeps_ids BOOLEAN DEFAULT 0 NOT NULL,
        PRIMARY KEY (source_id))
    """,
    """
    CREATE TABLE IF NOT EXISTS rules (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL,
        names_relevance BOOLEAN NOT NULL, UNIQUE (text))
    """,
    """
    CREATE TABLE IF NOT EXISTS stories (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, relevance TEXT NOT NULL,
        topics JSON NOT NULL, level TEXT NOT NULL, revision INTEGER NOT NULL, created BIGINT NOT NULL,
        updated BIGINT NOT NULL)
    """,
    "CREATE INDEX IF NOT EXISTS stories_by_age ON stories (updated)",
    """
    CREATE TABLE IF NOT EXISTS subscribers (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, platform TEXT NOT NULL,
        address TEXT NOT NULL, thread TEXT NOT NULL, relevance TEXT NOT NULL, paused_until BIGINT,
        sound TEXT DEFAULT 'normal' NOT NULL, level TEXT DEFAULT 'normal' NOT NULL,
        is_channel BOOLEAN DEFAULT 0 NOT NULL, publishes BOOLEAN DEFAULT 0 NOT NULL, set_up_by TEXT,
        alert_route TEXT DEFAULT 'itself' NOT NULL, last_number INTEGER DEFAULT 0 NOT NULL, unreachable_since BIGINT,
        created BIGINT NOT NULL, CONSTRAINT one_subscriber_a_chat UNIQUE (platform, address, thread))
    """,
    "CREATE TABLE IF NOT EXISTS switches (source_id TEXT NOT NULL, enabled BOOLEAN NOT NULL, PRIMARY KEY (source_id))",
    """
    CREATE TABLE IF NOT EXISTS acting (subscriber_id INTEGER NOT NULL, channel_id INTEGER NOT NULL,
        name TEXT NOT NULL, PRIMARY KEY (subscriber_id),
        FOREIGN KEY(channel_id) REFERENCES subscribers (id) ON DELETE CASCADE,
        FOREIGN KEY(subscriber_id) REFERENCES subscribers (id) ON DELETE CASCADE)
    """,
    "CREATE INDEX IF NOT EXISTS acting_by_channel ON acting (channel_id)",
    """
    CREATE TABLE IF NOT EXISTS deliveries (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        subscriber_id INTEGER NOT NULL, story_id INTEGER, rule_id INTEGER, broadcast_id INTEGER,
        urgency INTEGER DEFAULT 2 NOT NULL, state TEXT NOT NULL, due BIGINT NOT NULL, attempts INTEGER NOT NULL,
        begun BOOLEAN DEFAULT 0 NOT NULL, unknown BOOLEAN DEFAULT 0 NOT NULL, reason TEXT, created BIGINT NOT NULL,
        settled BIGINT, FOREIGN KEY(broadcast_id) REFERENCES broadcasts (id) ON DELETE CASCADE,
        FOREIGN KEY(story_id) REFERENCES stories (id) ON DELETE CASCADE,
        FOREIGN KEY(subscriber_id) REFERENCES subscribers (id) ON DELETE CASCADE,
        CONSTRAINT one_delivery_a_chat_and_story UNIQUE (subscriber_id, story_id))
    """,
    "CREATE INDEX IF NOT EXISTS deliveries_by_story ON deliveries (story_id, subscriber_id)",
    "CREATE INDEX IF NOT EXISTS deliveries_owed ON deliveries (urgency, due) WHERE state IN ('queued', 'sending')",
    """
    CREATE UNIQUE INDEX IF NOT EXISTS one_delivery_a_chat_and_broadcast ON deliveries (broadcast_id,
        subscriber_id) WHERE broadcast_id IS NOT NULL
    """,
    """
    CREATE TABLE IF NOT EXISTS drafts (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        subscriber_id INTEGER NOT NULL, text TEXT NOT NULL, created BIGINT NOT NULL,
        FOREIGN KEY(subscriber_id) REFERENCES subscribers (id) ON DELETE CASCADE)
    """,
    "CREATE INDEX IF NOT EXISTS drafts_by_subscriber ON drafts (subscriber_id)",
    """
    CREATE TABLE IF NOT EXISTS fanouts (story_id INTEGER NOT NULL, "after" INTEGER NOT NULL, PRIMARY KEY (story_id),
        FOREIGN KEY(story_id) REFERENCES stories (id) ON DELETE CASCADE)
    """,
    """
    CREATE TABLE IF NOT EXISTS followings (subscriber_id INTEGER NOT NULL, number INTEGER NOT NULL,
        rule_id INTEGER NOT NULL, level TEXT, mention TEXT DEFAULT '' NOT NULL, created BIGINT NOT NULL,
        PRIMARY KEY (subscriber_id, number), FOREIGN KEY(rule_id) REFERENCES rules (id),
        FOREIGN KEY(subscriber_id) REFERENCES subscribers (id) ON DELETE CASCADE,
        CONSTRAINT one_following_a_rule UNIQUE (rule_id, subscriber_id))
    """,
    """
    CREATE TABLE IF NOT EXISTS items (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, story_id INTEGER NOT NULL,
        source_id TEXT NOT NULL, source_name TEXT NOT NULL, publisher TEXT NOT NULL, publisher_kind TEXT NOT NULL,
        side TEXT NOT NULL, lang TEXT NOT NULL, url TEXT, title TEXT NOT NULL, summary TEXT NOT NULL,
        published BIGINT NOT NULL, first_seen BIGINT NOT NULL, relevance TEXT NOT NULL, topics JSON NOT NULL,
        FOREIGN KEY(story_id) REFERENCES stories (id) ON DELETE CASCADE)
    """,
    "CREATE INDEX IF NOT EXISTS items_by_age ON items (first_seen)",
    "CREATE INDEX IF NOT EXISTS items_by_relevance ON items (relevance, published)",
    "CREATE INDEX IF NOT EXISTS items_by_story ON items (story_id)",
    "CREATE INDEX IF NOT EXISTS items_by_url ON items (url, published)",
    """
    CREATE TABLE IF NOT EXISTS matches (story_id INTEGER NOT NULL, rule_id INTEGER NOT NULL,
        at BIGINT DEFAULT 0 NOT NULL, PRIMARY KEY (story_id, rule_id),
        FOREIGN KEY(story_id) REFERENCES stories (id) ON DELETE CASCADE)
    """,
    """
    CREATE TABLE IF NOT EXISTS mutes (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, subscriber_id INTEGER NOT NULL,
        story_id INTEGER, text TEXT, until BIGINT, created BIGINT NOT NULL,
        FOREIGN KEY(story_id) REFERENCES stories (id) ON DELETE CASCADE,
        FOREIGN KEY(subscriber_id) REFERENCES subscribers (id) ON DELETE CASCADE)
    """,
    "CREATE INDEX IF NOT EXISTS mutes_by_end ON mutes (until)",
    "CREATE INDEX IF NOT EXISTS mutes_by_story ON mutes (story_id)",
    "CREATE INDEX IF NOT EXISTS mutes_by_subscriber ON mutes (subscriber_id)",
    """
    CREATE TABLE IF NOT EXISTS publications (subscriber_id INTEGER NOT NULL, ref TEXT NOT NULL,
        queued BIGINT NOT NULL, PRIMARY KEY (subscriber_id, ref),
        FOREIGN KEY(subscriber_id) REFERENCES subscribers (id) ON DELETE CASCADE)
    """,
    """
    CREATE TABLE IF NOT EXISTS story_levels (story_id INTEGER NOT NULL, level TEXT NOT NULL, reason TEXT NOT NULL,
        at BIGINT NOT NULL, PRIMARY KEY (story_id, level),
        FOREIGN KEY(story_id) REFERENCES stories (id) ON DELETE CASCADE)
    """,
    """
    CREATE TABLE IF NOT EXISTS alert_messages (delivery_id INTEGER NOT NULL, number INTEGER NOT NULL, ref TEXT,
        kind TEXT NOT NULL, sent_at BIGINT NOT NULL, level TEXT NOT NULL, revision INTEGER NOT NULL, content_hash BLOB,
        editable BOOLEAN NOT NULL, rang BOOLEAN NOT NULL, rule_number INTEGER, rule_text TEXT,
        corrected_until BIGINT NOT NULL, PRIMARY KEY (delivery_id, number),
        FOREIGN KEY(delivery_id) REFERENCES deliveries (id) ON DELETE CASCADE) WITHOUT ROWID
    """,
    "CREATE INDEX IF NOT EXISTS alert_messages_by_ref ON alert_messages (ref)",
    """
    CREATE TABLE IF NOT EXISTS former_titles (id INTEGER NOT NULL, item_id INTEGER NOT NULL, title TEXT NOT NULL,
        until BIGINT NOT NULL, reverses BOOLEAN DEFAULT 0 NOT NULL, PRIMARY KEY (id),
        FOREIGN KEY(item_id) REFERENCES items (id) ON DELETE CASCADE)
    """,
    "CREATE INDEX IF NOT EXISTS former_titles_by_item ON former_titles (item_id)",
    """
    CREATE TABLE IF NOT EXISTS alert_headlines (delivery_id INTEGER NOT NULL, number INTEGER NOT NULL,
        item_id INTEGER NOT NULL, title TEXT NOT NULL, since BIGINT NOT NULL, PRIMARY KEY (delivery_id, number,
        item_id), FOREIGN KEY(delivery_id, number) REFERENCES alert_messages (delivery_id,
        number) ON DELETE CASCADE) WITHOUT ROWID
    """,
)
