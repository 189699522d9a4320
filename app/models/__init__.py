"""Language and embedding models: run, owned, listed, fetched and chosen."""
