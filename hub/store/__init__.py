"""All SQL: tables, migrations and one module of questions per word of the glossary. SQLite and PostgreSQL."""
