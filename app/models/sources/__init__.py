"""Where model files come from: one file a kind of source."""
