"""The tables, as SQLAlchemy Core sees them; storage/migrations builds the same (a test compares the two).

Times are whole microseconds since 1970 (UTC): they compare and index as numbers on every database.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.engine import Dialect

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

# The newest migration; start-up compares it before it loads Alembic at all.
REVISION = "0011"


class Instant(TypeDecorator[datetime]):
    """An aware datetime, stored as microseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        return None if value is None else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else EPOCH + value * MICROSECOND


# SQLite numbers rows itself only for INTEGER PRIMARY KEY; other databases want 64 bits. With sqlite_autoincrement the
# ids of deleted rows are never given again: keys in memory and in item_keys outlive their rows.
Id = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData()

poll_states = Table(
    "poll_states",
    metadata,
    Column("source_id", Text, primary_key=True),
    Column("asked", Text, nullable=False),  # the address that the configuration named
    Column("url", Text),  # where a permanent redirect sent us
    Column("etag", Text),
    Column("last_modified", Text),
    Column("body_hash", Text),
    Column("rhythm", JSON, nullable=False),
    Column("next_poll", Instant, nullable=False),
    Column("stored_once", Boolean, nullable=False),  # the first poll has been stored: alerts may flow
    Column("failures", Integer, nullable=False),
    Column("problem", Text),
    Column("last_success", Instant),
    Column("gone", Boolean, nullable=False),  # the server said 410
    Column("checked", Instant),  # when the address of the configuration was last asked without conditions
    Column("unconditional_until", Instant),  # its answers to conditions have been seen to lie
    Column("keeps_ids", Boolean, nullable=False, server_default=text("0")),  # ids and links stay when it is read again
)

items = Table(
    "items",
    metadata,
    Column("id", Id, primary_key=True),
    Column("story_id", Id, ForeignKey("stories.id", ondelete="CASCADE"), nullable=False),
    Column("source_id", Text, nullable=False),
    Column("source_name", Text, nullable=False),
    Column("publisher", Text, nullable=False),
    Column("publisher_kind", Text, nullable=False),
    Column("side", Text, nullable=False),
    Column("lang", Text, nullable=False),
    Column("url", Text),
    Column("title", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("published", Instant, nullable=False),
    Column("first_seen", Instant, nullable=False),
    Column("relevance", Text, nullable=False),
    Column("topics", JSON, nullable=False),
    Column("lead", Text, nullable=False, server_default=text("''")),  # what its publisher's page says
    Index("items_by_relevance", "relevance", "published"),
    Index("items_by_story", "story_id"),
    Index("items_by_age", "first_seen"),
    Index("items_by_url", "url", "published"),
    sqlite_autoincrement=True,
)

# What items were called before their sources changed it in substance: alerts sent until then show it struck through.
former_titles = Table(
    "former_titles",
    metadata,
    Column("id", Id, primary_key=True),
    Column("item_id", Id, ForeignKey("items.id", ondelete="CASCADE"), nullable=False),
    Column("title", Text, nullable=False),
    Column("until", Instant, nullable=False),
    Column("reverses", Boolean, nullable=False, server_default=text("0")),  # what came after takes it back
    Index("former_titles_by_item", "item_id"),
)

# Which item a key (see core.intake.items.identity_keys) belongs to. A key outlives its item for as long as the source
# still shows it, or the item would come back as news.
item_keys = Table(
    "item_keys",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("item_id", Id, nullable=False),
    Column("seen", Instant, nullable=False),
    Index("item_keys_by_age", "seen"),
)

stories = Table(
    "stories",
    metadata,
    Column("id", Id, primary_key=True),
    Column("relevance", Text, nullable=False),
    Column("topics", JSON, nullable=False),
    Column("level", Text, nullable=False),
    Column("revision", Integer, nullable=False),  # counts the changes that alerts show
    Column("created", Instant, nullable=False),
    Column("updated", Instant, nullable=False),
    Index("stories_by_age", "updated"),
    sqlite_autoincrement=True,
)

# When each story came to a level, and by which rule of levels.toml, in words.
story_levels = Table(
    "story_levels",
    metadata,
    Column("story_id", Id, ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True),
    Column("level", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

subscribers = Table(
    "subscribers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("platform", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("thread", Text, nullable=False),
    Column("relevance", Text, nullable=False),
    Column("paused_until", Instant),
    # The lowest level whose alerts ring, or "none".
    Column("sound", Text, nullable=False, server_default=text("'normal'")),
    Column("level", Text, nullable=False, server_default=text("'normal'")),  # the lowest level that alerts
    Column(
        "langs", Text, nullable=False, server_default=text("''")
    ),  # codes of the languages that it reads; empty: all
    Column("is_channel", Boolean, nullable=False, server_default=text("0")),
    Column("publishes", Boolean, nullable=False, server_default=text("0")),  # alerts go on to the channel's followers
    Column("set_up_by", Text),  # the platform's id of whoever is told when the chat is lost; none: nobody
    # Where its alerts come: see storage.forum_topics.
    Column("alert_route", Text, nullable=False, server_default=text("'itself'")),
    # The highest number that one of its rules has had: none is given again, for old messages name it.
    Column("last_number", Integer, nullable=False, server_default=text("0")),
    Column("unreachable_since", Instant),  # none: it can be reached; its rules are kept for a while
    Column("created", Instant, nullable=False),
    UniqueConstraint("platform", "address", "thread", name="one_subscriber_a_chat"),
    sqlite_autoincrement=True,
)

# Private chats whose commands are about a channel.
acting = Table(
    "acting",
    metadata,
    Column("subscriber_id", Id, ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
    Column("channel_id", Id, ForeignKey("subscribers.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Index("acting_by_channel", "channel_id"),
)

# Rules are kept once, whoever follows them: the index in memory holds one entry a text.
rules = Table(
    "rules",
    metadata,
    Column("id", Id, primary_key=True),
    Column("text", Text, nullable=False, unique=True),
    Column("names_relevance", Boolean, nullable=False),
    sqlite_autoincrement=True,
)

followings = Table(
    "followings",
    metadata,
    Column("subscriber_id", Id, ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("rule_id", Id, ForeignKey("rules.id"), nullable=False),
    Column("level", Text),  # the lowest level that alerts; none: the chat's
    Column("mention", Text, nullable=False, server_default=text("''")),  # the id of the role that alerts wake; or empty
    Column("created", Instant, nullable=False),
    UniqueConstraint("rule_id", "subscriber_id", name="one_following_a_rule"),
)

# A rule that waits for its subscriber's word: /follow shows what it would do before it is saved.
drafts = Table(
    "drafts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("subscriber_id", Id, ForeignKey("subscribers.id", ondelete="CASCADE"), nullable=False),
    Column("text", Text, nullable=False),
    Column("created", Instant, nullable=False),
    Index("drafts_by_subscriber", "subscriber_id"),
    sqlite_autoincrement=True,
)

# What a chat does not want to hear of for now: a story, or all that satisfies a rule.
mutes = Table(
    "mutes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("subscriber_id", Id, ForeignKey("subscribers.id", ondelete="CASCADE"), nullable=False),
    Column("story_id", Id, ForeignKey("stories.id", ondelete="CASCADE")),
    Column("text", Text),  # a rule in its canonical text, where no story is named
    Column("until", Instant),  # none: for good
    Column("created", Instant, nullable=False),
    Index("mutes_by_subscriber", "subscriber_id"),
    Index("mutes_by_story", "story_id"),
    Index("mutes_by_end", "until"),
    sqlite_autoincrement=True,
)

# What owners have switched on or off, whatever the configuration says.
switches = Table(
    "switches",
    metadata,
    Column("source_id", Text, primary_key=True),
    Column("enabled", Boolean, nullable=False),
)

# Sources that owners have added while the bot ran.
added_sources = Table(
    "added_sources",
    metadata,
    Column("id", Text, primary_key=True),
    Column("url", Text, nullable=False, unique=True),
    Column("side", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("lang", Text, nullable=False),
    Column("created", Instant, nullable=False),
)

# Whom owners have let in, as `platform:chat` or `platform:user`, and the chats that such a person has brought along.
admissions = Table(
    "admissions",
    metadata,
    Column("entry", Text, primary_key=True),
    Column("brought_by", Text),  # the entry of whoever was let in and asked in this chat; none: an owner named it
    Column("created", Instant, nullable=False),
)

matches = Table(
    "matches",
    metadata,
    Column("story_id", Id, ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True),
    Column("rule_id", Id, primary_key=True),
    # The last time that a report matched, or the story's level rose: a chat that followed or woke later waits for more.
    Column("at", Instant, nullable=False, server_default=text("0")),
)

# Stories whose matches are not yet all deliveries: subscribers up to `after` have theirs.
fanouts = Table(
    "fanouts",
    metadata,
    Column("story_id", Id, ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True),
    Column("after", Id, nullable=False),
)

# SQLite takes a partial index only for a condition that reads like the index's own, without variables.
OWED = text("deliveries.state IN ('queued', 'sending')")

# What owners tell everybody; a draft until it is confirmed.
broadcasts = Table(
    "broadcasts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("text", Text, nullable=False),
    Column("created", Instant, nullable=False),
    Column("confirmed", Instant),
    sqlite_autoincrement=True,
)

# Each owes a chat either a story, by a rule, or a broadcast.
deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("subscriber_id", Id, ForeignKey("subscribers.id", ondelete="CASCADE"), nullable=False),
    Column("story_id", Id, ForeignKey("stories.id", ondelete="CASCADE")),
    Column("rule_id", Id),
    Column("broadcast_id", Id, ForeignKey("broadcasts.id", ondelete="CASCADE")),
    Column("urgency", Integer, nullable=False, server_default=text("2")),  # the numbers of model.Urgency
    Column("state", Text, nullable=False),  # queued, sending, sent, dead
    Column("due", Instant, nullable=False),  # queued: not before; sending: when the lease ends
    Column("attempts", Integer, nullable=False),
    Column("begun", Boolean, nullable=False, server_default=text("0")),  # sending: the request may have left
    Column("unknown", Boolean, nullable=False, server_default=text("0")),  # an attempt may have arrived unseen
    Column("reason", Text),
    Column("created", Instant, nullable=False),  # since when it is owed
    Column("settled", Instant),
    # The database, not care, forbids a second alert for one story.
    UniqueConstraint("subscriber_id", "story_id", name="one_delivery_a_chat_and_story"),
    Index(
        "one_delivery_a_chat_and_broadcast",
        "broadcast_id",
        "subscriber_id",
        unique=True,
        sqlite_where=text("broadcast_id IS NOT NULL"),
    ),
    # Only what is still owed is looked for by time; sent rows, which are nearly all, cost this index nothing.
    Index("deliveries_owed", "urgency", "due", sqlite_where=text("state IN ('queued', 'sending')")),
    Index("deliveries_by_story", "story_id", "subscriber_id"),
    sqlite_autoincrement=True,
)

# What was sent of a delivery's story: see model.SentAlert. What is queued after the first is an edit, or one more.
alert_messages = Table(
    "alert_messages",
    metadata,
    Column("delivery_id", Id, ForeignKey("deliveries.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),  # 1 is the first that the chat has read
    Column("ref", Text),  # its id on the platform; none: the chat has moved, or it was never sent (suppressed)
    Column("kind", Text, nullable=False),  # alert, update, correction, suppressed
    Column("sent_at", Instant, nullable=False),
    Column("level", Text, nullable=False),  # the one that it brought
    Column("revision", Integer, nullable=False),  # the story's, as it was edited last
    Column("content_hash", LargeBinary),  # none: not known
    Column("editable", Boolean, nullable=False),  # it is kept up to date
    Column("rang", Boolean, nullable=False),
    # The rule as the message names it: its number may have become another's since.
    Column("rule_number", Integer),
    Column("rule_text", Text),
    Column("corrected_until", Instant, nullable=False),  # what was taken back until then the chat knows by it
    Index("alert_messages_by_ref", "ref"),
    sqlite_with_rowid=False,  # found by delivery only, and always together
)

# The reports that have headed a message: see model.ShownHeadline. Items go with their story, and so does the delivery.
alert_headlines = Table(
    "alert_headlines",
    metadata,
    Column("delivery_id", Id, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("item_id", Id, primary_key=True),
    Column("title", Text, nullable=False),
    Column("since", Instant, nullable=False),
    ForeignKeyConstraint(
        ["delivery_id", "number"], ["alert_messages.delivery_id", "alert_messages.number"], ondelete="CASCADE"
    ),
    sqlite_with_rowid=False,
)

# Messages that wait for their channel to be allowed to publish them: only those that could not be at once.
publications = Table(
    "publications",
    metadata,
    Column("subscriber_id", Id, ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
    Column("ref", Text, primary_key=True),
    Column("queued", Instant, nullable=False),
)
