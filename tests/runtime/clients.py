"""AWS's runtime clients, which Lambda runs functions with, installed once into a folder."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.runtime.functions import Runtime

PYTHON_CLIENT = "awslambdaric==4.2.2"
NODEJS_CLIENT = "aws-lambda-ric@4.0.2"
RAPID_CLIENT = Path(__file__).parent / "rapid_client.cjs"


def python_client(uv: Path, interpreter: Path, folder: Path) -> Runtime:
    """Return AWS's client for Python, which cannot write to the package."""
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([uv, "venv", "--quiet", "--python", interpreter, folder], check=True)
        install = [uv, "pip", "install", "--quiet", "--python", folder, "--compile-bytecode"]
        subprocess.run([*install, PYTHON_CLIENT], check=True)
    return Runtime(
        (python, "-m", "awslambdaric"),
        {"AWS_EXECUTION_ENV": "AWS_Lambda_python", "PYTHONDONTWRITEBYTECODE": "1"},
    )


def nodejs_client(node: Path, folder: Path) -> Runtime:
    """Return AWS's client for Node.js; what it would compile has a stand-in."""
    client = folder / "node_modules" / "aws-lambda-ric" / "index.mjs"
    if not client.exists():
        folder.mkdir(parents=True, exist_ok=True)
        path = f"{node.resolve().parent}{os.pathsep}{os.environ['PATH']}"
        command = ["npm", "install", "--silent", "--ignore-scripts", NODEJS_CLIENT]
        subprocess.run(command, cwd=folder, env=os.environ | {"PATH": path}, check=True)
        (client.parent / "rapid-client.node").touch()  # Node.js looks whether it is there
    return Runtime(
        (node, "--require", RAPID_CLIENT, client),
        {"AWS_EXECUTION_ENV": "AWS_Lambda_nodejs24.x"},
    )
