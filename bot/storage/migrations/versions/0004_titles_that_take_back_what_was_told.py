"""Titles that take back what was told, and until when a chat knows of them"""

import sqlalchemy as sa
from alembic import op

from bot.storage.schema import Instant

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("former_titles", sa.Column("reverses", sa.Boolean(), server_default=sa.text("0"), nullable=False))
    op.add_column("deliveries", sa.Column("warned", Instant(), nullable=True))
