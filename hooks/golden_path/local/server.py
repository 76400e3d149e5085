"""The emulator's own process: MiniStack, with IAM enforced and with the bridges."""

import argparse
import os
import sys
from pathlib import Path


def _configure(port: int, region: str) -> None:
    """Say by environment what MiniStack reads from it, once, while it is imported."""
    os.environ.update(
        AUTH="true",  # every call is judged by the policies of the role that makes it
        BIND_HOST="127.0.0.1",
        GATEWAY_PORT=str(port),
        MINISTACK_REGION=region,
        DOCKER_HOST="unix:///nonexistent",  # touch no container of this machine
        IOT_MTLS_ENABLED="0",
        SFTP_ENABLED="0",
        SFN_WAIT_SCALE="0.1",  # a task that is refused tries again for a minute on AWS
    )


def main() -> None:
    """Serve on the port until the process is told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--region", required=True)
    parser.add_argument("--bridge", type=Path, action="append", default=[])
    arguments = parser.parse_args()
    _configure(arguments.port, arguments.region)
    sys.argv = sys.argv[:1]  # MiniStack parses the command line too
    # Only now: MiniStack reads its settings while it is imported.
    from ministack import app

    from golden_path.local import bridges

    own = (bridge for path in arguments.bridge for bridge in bridges.of_file(path, path.stem))
    for bridge in (*bridges.ALL, *own):
        bridge()
    app.main()


if __name__ == "__main__":
    main()
