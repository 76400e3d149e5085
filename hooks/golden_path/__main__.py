"""`python -m golden_path` is the command `golden-path`."""

import sys

from golden_path.cli import main

sys.exit(main())
