"""When a second factor was last shown in a sign-in: what warns people asks for one of a moment ago."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.store.schema.base import Utc

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; who is signed in already has to show it anew."""
    op.add_column("login_session", sa.Column("factor_at", Utc(), nullable=True))


def downgrade() -> None:
    """Take it away."""
    op.drop_column("login_session", "factor_at")
