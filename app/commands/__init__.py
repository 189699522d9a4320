"""The command line: one command a file, each calling a service."""
