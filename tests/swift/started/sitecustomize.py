"""Python starts with this where PYTHONPATH names its folder: there Copier is swift, too.

And so it is in what that Python starts: an updater names another PYTHONPATH for the one that it
hands over to, which is the one that starts Copier.
"""

import os
import subprocess
import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

HERE = str(Path(__file__).parent)


class WhenCopierIsImported:
    """Finds no module, and is there for the moment when one is looked for."""

    def find_spec(self, name: str, *_: object) -> None:
        if name == "copier":
            sys.meta_path.remove(self)
            self.swift = _swift().swift()
            self.swift.__enter__()


def _swift() -> ModuleType:
    folder = Path(HERE).parent
    spec = spec_from_file_location(
        "swift", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    module = module_from_spec(spec)
    sys.modules["swift"] = module
    spec.loader.exec_module(module)
    return module


def _hand_over(path: str) -> None:
    """Let a Copier that stands ready do what this process was started for."""
    import json
    import resource
    import socket

    command = {
        "words": sys.orig_argv[3:],
        "folder": os.getcwd(),
        "environment": dict(os.environ),
        "size": resource.getrlimit(resource.RLIMIT_FSIZE),
    }
    with socket.socket(socket.AF_UNIX) as standing:
        standing.connect(path)
        socket.send_fds(standing, [json.dumps(command).encode()], [0, 1, 2])
        code = int(standing.recv(8))
    if code < 0:
        os.kill(os.getpid(), -code)
    os._exit(code)


class Popen(subprocess.Popen):
    """Starts what is told another PYTHONPATH with this folder ahead of it."""

    def __init__(self, *words: Any, env: Any = None, **options: Any) -> None:
        if env is not None and "PYTHONPATH" in env:
            known = [path for path in env["PYTHONPATH"].split(os.pathsep) if path != HERE]
            env = {**env, "PYTHONPATH": os.pathsep.join([HERE, *known])}
        super().__init__(*words, env=env, **options)


def _go_on() -> None:
    """Do what another module of this name would have done: pip builds packages with one."""
    behind = PathFinder.find_spec("sitecustomize", [path for path in sys.path if path != HERE])
    if behind:
        behind.loader.exec_module(module_from_spec(behind))


# A service may have a Copier of its own, in another environment.
if sys.orig_argv[1:3] == ["-m", "copier"] and "COPIER_STANDING" in os.environ:
    folder, _, socket_ = os.environ["COPIER_STANDING"].partition(os.pathsep)
    if folder == sys.prefix:
        _hand_over(socket_)
subprocess.Popen = Popen
FINDER = WhenCopierIsImported()  # lasts, and with it what it has begun
sys.meta_path.insert(0, FINDER)
_go_on()
