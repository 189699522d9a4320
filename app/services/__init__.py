"""What pages and commands call: plain, typed, synchronous methods; generators where they stream."""
