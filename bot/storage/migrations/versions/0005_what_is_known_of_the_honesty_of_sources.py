"""When a source was last asked without conditions, whether these were answered with lies, and whether ids are kept"""

import sqlalchemy as sa
from alembic import op

from bot.storage.schema import Instant

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("poll_states", sa.Column("checked", Instant(), nullable=True))
    op.add_column("poll_states", sa.Column("unconditional_until", Instant(), nullable=True))
    op.add_column("poll_states", sa.Column("keeps_ids", sa.Boolean(), server_default=sa.text("0"), nullable=False))
