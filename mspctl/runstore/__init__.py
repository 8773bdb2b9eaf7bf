"""The run log on SQLite or PostgreSQL."""
