"""The state machines of a turn, a reflection and the guard, and the memory science."""
