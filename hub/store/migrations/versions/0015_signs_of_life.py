"""The monthly mail (F50), signs of life and warnings before anything lapses (F39, I18)."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand; who is there already counts as alive today."""
    at = sa.DateTime(timezone=True)
    with op.batch_alter_table("subscriber") as table:
        for name in ("next_monthly_at", "alive_at", "lapse_told_at"):
            table.add_column(sa.Column(name, at))
        table.add_column(sa.Column("monthly_day", sa.Integer()))
    now = datetime.now(UTC) if op.get_bind().dialect.name == "postgresql" else datetime.now(UTC).replace(tzinfo=None)
    person = sa.table("subscriber", sa.column("alive_at", at))
    op.execute(person.update().values(alive_at=now))
    with op.batch_alter_table("subscriber") as table:
        table.alter_column("alive_at", existing_type=at, nullable=False)
    with op.batch_alter_table("endpoint") as table:
        table.add_column(sa.Column("expires_at", at))
        table.add_column(sa.Column("expiry_told_at", at))
    wanted, ends = sa.text("next_monthly_at IS NOT NULL"), sa.text("expires_at IS NOT NULL")
    op.create_index(
        "ix_subscriber_monthly", "subscriber", ["next_monthly_at"], sqlite_where=wanted, postgresql_where=wanted
    )
    op.create_index("ix_endpoint_expires", "endpoint", ["expires_at"], sqlite_where=ends, postgresql_where=ends)


def downgrade() -> None:
    """Forget them; nobody gets a monthly mail any more."""
    op.drop_index("ix_endpoint_expires", "endpoint")
    op.drop_index("ix_subscriber_monthly", "subscriber")
    with op.batch_alter_table("endpoint") as table:
        table.drop_column("expires_at")
        table.drop_column("expiry_told_at")
    with op.batch_alter_table("subscriber") as table:
        for name in ("next_monthly_at", "alive_at", "lapse_told_at", "monthly_day"):
            table.drop_column(name)
