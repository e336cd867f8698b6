"""Which rows are proven by tests outside of this folder, and which do not apply?"""

from faults.catalogue import Row, declare

PROVEN = (
    Row(
        "S09",
        "a password with characters that an URL keeps for itself",
        "real recorder with digest auth; drawn passwords, ours and a real library's way of asking",
        "every printable password connects",
        "100 %",
        (
            "test_rtsp.py::test_any_printable_password_connects",
            "test_simulated_camera.py::test_any_printable_password_is_let_in",
            "test_sources.py::test_any_password_survives_the_url",
        ),
    ),
)

NOT_HERE = (
    Row(
        "D05",
        "Windows: a log is held open by another program",
        because="Windows cannot be run here",
    ),
)

for _row in (*PROVEN, *NOT_HERE):
    declare(_row)
