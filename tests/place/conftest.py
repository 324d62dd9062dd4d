"""Lets the tests of places read each other's small makers."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
