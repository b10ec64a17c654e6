"""Languages that chats read"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("subscribers", sa.Column("langs", sa.Text(), server_default=sa.text("''"), nullable=False))
