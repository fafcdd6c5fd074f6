"""Vacuum follows retention on PostgreSQL: of the tables that lose many rows, after every fiftieth part of them.

The default waits for a fifth: of the batches of a state that is a million dead rows, and 3 GB that nothing uses again.
"""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLES = ("batch", "problem", "match", "digest_entry", "reminder")
_SETTINGS = {"autovacuum_vacuum_scale_factor": "0.02", "autovacuum_analyze_scale_factor": "0.02"}


def upgrade() -> None:
    """Set what these tables ask of vacuum; SQLite uses free pages again by itself."""
    if op.get_bind().dialect.name == "postgresql":
        settings = ", ".join(f"{name} = {value}" for name, value in _SETTINGS.items())
        for table in TABLES:
            op.execute(f'ALTER TABLE "{table}" SET ({settings})')


def downgrade() -> None:
    """Go back to the server's settings."""
    if op.get_bind().dialect.name == "postgresql":
        for table in TABLES:
            op.execute(f'ALTER TABLE "{table}" RESET ({", ".join(_SETTINGS)})')
