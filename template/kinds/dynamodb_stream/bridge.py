"""DynamoDB: what Lambda asks of a function's role to read a table's stream."""

from golden_path.local.bridges.roles import POLLS


def streams_of_tables_are_read_with_the_role() -> None:
    """Bridge: a mapping of a table's stream needs what AWS demands of its function's role.

    Lambda reads with that role, and checks it when the mapping is set up. The emulator reads with
    its own rights. How many functions read one stream at once is not judged.
    """
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/iam-policy-example-lamda-process-dynamodb-streams.html
    POLLS["dynamodb"] = (
        "dynamodb:DescribeStream",
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
        "dynamodb:ListStreams",
    )


ALL = (streams_of_tables_are_read_with_the_role,)
