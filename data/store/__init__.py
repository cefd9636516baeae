"""The store: who may ask, what was asked (masked), what was answered and corrected, in SQLite or PostgreSQL."""
