"""No secret is shown, in whichever spelling it stands in a text."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motion_tracking.core.redaction import SHORTEST, Redactor


@given(
    secret=st.text(st.characters(min_codepoint=32, max_codepoint=0x17F), min_size=SHORTEST),
    around=st.text(max_size=20),
)
def test_no_spelling_of_a_secret_is_left(secret: str, around: str) -> None:
    redactor = Redactor([secret])
    for spelling in (secret, quote(secret, safe=""), repr(secret)):
        cleaned = redactor.clean(f"<{spelling}>")
        assert secret not in cleaned.replace("***", "") or secret in "<>'\""


def test_an_url_is_shown_without_its_password() -> None:
    password = "p@ss:w#rd/1?%"
    text = f"could not open rtsp://admin:{quote(password, safe='')}@10.0.0.5/Streaming"

    assert Redactor([password]).clean(text) == "could not open rtsp://admin:***@10.0.0.5/Streaming"


def test_a_secret_within_a_secret_leaves_no_rest() -> None:
    assert Redactor(["secret", "secret-longer"]).clean("secret-longer") == "***"


@pytest.mark.parametrize("short", ["", "a", "ab"])
def test_too_short_a_secret_does_not_blot_out_the_text(short: str) -> None:
    assert Redactor([short]).clean("a bad cab") == "a bad cab"
