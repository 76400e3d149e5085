"""The emulator lets lines through as CloudWatch Logs does."""

import pytest
from golden_path.local.log_patterns import lets_through

ERROR = '{"level": "ERROR", "at": {"status": 503, "path": ["x"]}, "user": null, "ok": false}'


@pytest.mark.parametrize(
    ("pattern", "lines", "held_back"),
    [
        ("", ["anything"], []),
        ("ERROR disk", ["ERROR: disk full"], ["ERROR", "disk"]),
        ('"disk full"', ["disk full"], ["full disk"]),
        ("?ERROR ?CRITICAL", ["ERROR 1", "CRITICAL 1"], ["INFO"]),
        ("ERROR -expected", ["ERROR 1"], ["ERROR expected", "INFO"]),
        ("%status=5\\d\\d%", ["status=503"], ["status=404"]),
        ('{ $.level = "ERROR" }', [ERROR], ['{"level": "INFO"}', "ERROR", "{}"]),
        ('{ $.level = "ERR*" && $.at.status >= 500 }', [ERROR], ['{"level": "ERROR"}']),
        ("{ $.at.status = 503 || $.none = 1 && $.none = 2 }", [ERROR], ["{}"]),
        ("{ ($.at.status = 503 || $.none = 1) && $.ok IS TRUE }", [], [ERROR]),
        ("{ $.user IS NULL && $.none NOT EXISTS && $.ok IS FALSE }", [ERROR], ["{}"]),
        ("{ $.at.status != 404 && $.at.path[0] = x }", [ERROR], []),
        ("{ $.level = %^ERR% }", [ERROR], ['{"level": "AN ERROR"}']),
        ("[ip, user, ...]", ["1 2"], []),
    ],
)
def test_a_pattern_lets_lines_through(pattern: str, lines: list[str], held_back: list[str]) -> None:
    let = [line for line in (*lines, *held_back) if lets_through(pattern, line)]
    assert let == lines
