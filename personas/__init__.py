"""The persona model, character cards and the bundled personas."""
