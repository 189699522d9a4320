"""What holds for all tests."""

import os

from hypothesis import settings

# A busy machine must not fail a test: how long one example takes says nothing. On a build machine the same
# examples are tried each time; elsewhere they are new ones, to find what has not been thought of.
settings.register_profile("keepsake", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("keepsake")
