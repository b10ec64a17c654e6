"""Leads of items"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("items", sa.Column("lead", sa.Text(), server_default=sa.text("''"), nullable=False))
