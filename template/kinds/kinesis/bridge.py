"""Kinesis: what Lambda asks of a function's role to read a stream."""

from golden_path.local.bridges.roles import POLLS


def streams_are_read_with_the_role() -> None:
    """Bridge: a mapping of a stream needs what AWS demands of its function's role.

    Lambda reads with that role, and checks it when the mapping is set up. The emulator reads with
    its own rights.
    """
    # https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html
    POLLS["kinesis"] = (
        "kinesis:DescribeStream",
        "kinesis:DescribeStreamSummary",
        "kinesis:GetRecords",
        "kinesis:GetShardIterator",
        "kinesis:ListShards",
    )


ALL = (streams_are_read_with_the_role,)
