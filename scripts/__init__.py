"""What builds, draws and documents the project; no part of the program."""
