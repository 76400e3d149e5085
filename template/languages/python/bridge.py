"""Lambda: what functions run on."""

import sys

from ministack.core import lambda_runtime


def functions_run_as_on_lambda() -> None:
    """Bridge: a function imports from its package and the standard library, and nowhere else.

    Lambda's runtime has little else. The emulator runs functions on its own interpreter, whose
    libraries would hide that the package lacks one.
    """
    detect = lambda_runtime._detect_runtime_binary

    def base_interpreter(runtime: str) -> tuple[str, str]:
        binary, script = detect(runtime)
        return (sys._base_executable if binary == sys.executable else binary), script

    lambda_runtime._detect_runtime_binary = base_interpreter


ALL = (functions_run_as_on_lambda,)
