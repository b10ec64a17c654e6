"""${message}"""

import sqlalchemy as sa
from alembic import op

from bot.storage.schema import Id, Instant

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}

