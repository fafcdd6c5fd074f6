"""Tables of what editors write: drafts with their revisions and steps, files, templates, and answers given once."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Index, Integer, String, Table, Text

from hub.store.schema.base import Utc, metadata, of, own_id, town

draft = Table(  # accounts are named by number only: what they wrote outlives them
    "draft", metadata,
    own_id(),
    Column("key", String(32), nullable=False, unique=True),  # of the notice that it becomes, in each municipality
    town(),  # where it is written; the others that it tells stand in its content
    Column("state", String(16), nullable=False),  # hub.core.release.State
    Column("mode", String(8), nullable=False),  # hub.core.draft.Mode
    Column("content", JSON, nullable=False),  # hub.core.draft
    Column("hash", String(64), nullable=False),
    Column("version", Integer, nullable=False),  # rises with each save: who saves says which one they saw
    Column("title", Text, nullable=False),
    Column("author", Integer, nullable=False),
    Column("changed_by", Integer, nullable=False),
    Column("club", String(32), nullable=False, default=""),  # the topic of the club that wrote it; empty: the town hall
    Column("created_at", Utc, nullable=False), Column("changed_at", Utc, nullable=False),
    Column("due_at", Utc),  # when it goes out; only while scheduled
    Column("published", JSON),  # the content as it was last published
    Column("revision", Integer, nullable=False, default=0),  # how often it was published
    Column("published_at", Utc), Column("withdrawn_at", Utc),
    Column("expires", Utc),
    Index("ix_draft_town", "municipality_id", "state", "changed_at"),
    Index("ix_draft_due", "state", "due_at"),
    sqlite_autoincrement=True,
)  # fmt: skip

draft_revision = Table(
    "draft_revision", metadata,
    of("draft_id", "draft.id", key=True),
    Column("version", Integer, primary_key=True),
    Column("at", Utc, nullable=False),
    Column("by", Integer, nullable=False),
    Column("content", JSON, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("own", Integer, nullable=False, default=1),  # 0: saved by itself, and replaced by what is saved next
)  # fmt: skip

draft_step = Table(  # what was done with it, by whom, to which content; an approval is one
    "draft_step", metadata,
    own_id(),
    of("draft_id", "draft.id", index=True),
    Column("at", Utc, nullable=False),
    Column("by", Integer, nullable=False),
    Column("act", String(16), nullable=False),  # hub.core.release.Act, or ``sent``
    Column("hash", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Index("ix_draft_step_act", "act", "at"),
)  # fmt: skip

attachment = Table(  # files of notices, drawn anew; named after their bytes
    "attachment", metadata,
    Column("name", String(80), primary_key=True),
    town(),
    Column("media_type", String(80), nullable=False),
    Column("size", Integer, nullable=False),
    Column("content", Text, nullable=False),  # base64: rows are moved and proved as text
    Column("created_at", Utc, nullable=False),
    Index("ix_attachment_town", "municipality_id"),
)  # fmt: skip

template = Table(  # a municipality's own; those that come with the program are files
    "template", metadata,
    own_id(),
    town(),
    Column("name", String(80), nullable=False),
    Column("content", JSON, nullable=False),
    Column("by", Integer, nullable=False),
    Column("changed_at", Utc, nullable=False),
    Index("ix_template_town", "municipality_id"),
)  # fmt: skip

answered = Table(  # what a form or a call was answered, for a day: a repeat gets the same answer, nothing else
    "answered", metadata,
    Column("key", String(64), primary_key=True),  # a hash of who asked, where, and the key they gave
    Column("location", Text, nullable=False),
    Column("at", Utc, nullable=False, index=True),
)  # fmt: skip


test_endpoint = Table(  # an editor's own browser, for tests: no resident's endpoint can stand here
    "test_endpoint", metadata,
    own_id(),
    of("account_id", "user_account.id", index=True),
    Column("address", Text, nullable=False, unique=True),
    Column("keys", JSON, nullable=False),
    Column("name", String(80), nullable=False),  # browser and system in words
    Column("created_at", Utc, nullable=False),
)  # fmt: skip
