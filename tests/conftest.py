"""What holds for all tests."""

import os

from hypothesis import settings

# A busy machine is no fault of the code's; and in CI a change must not fail for what chance brings up.
settings.register_profile("steady", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("steady")
