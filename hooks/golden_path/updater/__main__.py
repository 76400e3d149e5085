"""What the updater of the release before lets this one do, from its clone of the golden path."""

import sys
from pathlib import Path

from golden_path.updater.source import cloned
from golden_path.updater.update import bring, foretell

try:
    match sys.argv[1:]:
        case ["ready"]:
            pass  # all that is imported is there
        case ["bring", release, clone]:
            bring(cloned(Path(clone)), release)
        case ["foretell", release, clone]:
            foretell(cloned(Path(clone)), release)
        case words:
            sys.exit(f"Use `make update` or `make update-check`: there is no {' '.join(words)!r}.")
except KeyboardInterrupt:
    sys.exit(130)  # who has started it was told to stop too, and says what is left
