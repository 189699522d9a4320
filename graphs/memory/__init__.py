"""The memory science: pure functions, one concept a file."""
