"""Bring the code of functions to a development stack at once: python tools/sync.py STACK REGION

The SAM CLI writes what `make build` has prepared, publishes a version of each function and moves
its alias there: without a deployment, so without canary and hook. Then the stack is told where
the aliases are, or CodeDeploy would refuse the next deployment. Whatever else is new in
template.yaml or config/ comes by `make deploy`.
"""

import argparse
import subprocess
import sys

import aws
from deploy import ROOT, SAM, delivery
from rollback import Function, Stack
from stack import physical_ids

FUNCTION = "    Type: AWS::Serverless::Function\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for word in ("stack", "region"):
        parser.add_argument(word)
    options = parser.parse_args()
    session = aws.session(options.region)
    found = physical_ids(session, options.stack)
    stack = Stack(session, options.stack, found)
    stack.refuse_while_it_changes()
    # SAM would build by itself what is built.
    text = (ROOT / "template.yaml").read_text().replace("CodeUri: .build/", "CodeUri: ")
    template = ROOT / ".build" / "sync.yaml"
    template.write_text(text.replace(FUNCTION, f"{FUNCTION}    Metadata: {{SkipBuild: true}}\n"))
    command = [str(SAM), "sync", "--code", "--no-dependency-layer", "--template", str(template)]
    command += ["--resource", "AWS::Serverless::Function"]
    command += ["--stack-name", options.stack, "--region", options.region]
    bucket, _ = delivery(options.stack, options.region)
    command += ["--s3-bucket", bucket] if bucket else []
    # It asks whether this is a development stack. Whoever called knows.
    if failed := subprocess.run(command, cwd=ROOT, input="Y\n", text=True, check=False).returncode:
        sys.exit(failed)
    live = {logical: Function(session, found[logical]).live for logical in stack.functions}
    if moved := {logical: at for logical, at in live.items() if at != stack.believed(logical)}:
        stack.tell(moved, "make sync")
    print(f"{options.stack} runs this code. `make deploy ENV=dev` brings stack and code together.")


if __name__ == "__main__":
    aws.run(main)
