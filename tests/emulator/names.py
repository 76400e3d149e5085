"""Names as CloudFormation makes them: STACK-LOGICALID-RANDOM, cut to what the service allows.

AWS documents that stack and logical id are in the name, not how they are cut. The rule is read
from names that others have published: `tests/test_names.py` has them.
"""

RANDOM = 12  # characters
LONGEST = 64  # characters of a role's name, and of a function's
# For functions it still keeps the 13 characters that its random part once had.
KEPT = {"AWS::Lambda::Function": 13}


def parts(stack: str, logical_id: str, kind: str, longest: int = LONGEST) -> tuple[str, str]:
    """What of stack and logical id is in the name: each gets half, and what the other leaves."""
    room = longest - KEPT.get(kind, RANDOM) - len("--")
    half = -(-room // 2)  # the odd character is the stack's
    logical_id = logical_id[: max(room - half, room - len(stack))]
    return stack[: room - len(logical_id)], logical_id
