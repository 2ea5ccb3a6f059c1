"""What the tests of the steps share."""

from __future__ import annotations

import sys
from pathlib import Path

# The bench stands beside the tests and is no part of the product: found by its folder.
sys.path.insert(0, str(Path(__file__).parent))
