"""What holds for all tests."""

from hypothesis import settings

# A busy machine must not fail a test: how long one example takes says nothing.
settings.register_profile("keepsake", deadline=None)
settings.load_profile("keepsake")
