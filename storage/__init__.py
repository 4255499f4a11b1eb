"""Where facts and cards are kept: SQLModel tables on the embedded SQLite or on PostgreSQL, the same code for both."""
