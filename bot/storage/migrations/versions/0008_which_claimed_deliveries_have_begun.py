"""Which of the deliveries that were claimed have begun to be sent"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("begun", sa.Boolean(), nullable=False, server_default=sa.text("0")))
    # Nobody noted it of these, so each of them may have left.
    op.execute("UPDATE deliveries SET begun = 1 WHERE state = 'sending'")
