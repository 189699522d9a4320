"""The truth: records in SQLite, and the vector index that can be rebuilt from it."""
