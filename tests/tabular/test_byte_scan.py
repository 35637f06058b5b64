"""What is counted in a file's bytes, block by block, against counting them one by one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.tabular import byte_scan, byte_source
from kpi_core.tabular.byte_scan import Survey
from kpi_core.tabular.byte_source import Source

texts = st.lists(
    st.sampled_from(
        [b"a", b"\n", b"\r", b"\r\n", b"\t", b"\0", b"\x7f", b'"', b"\xef\xbb\xbf", b"\x1f"]
    )
).map(b"".join)


@pytest.fixture(scope="module", params=[1, 3, 7, 1000], autouse=True)
def _blocks(request: pytest.FixtureRequest) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(byte_source, "BLOCK", request.param)
        patch.setattr(byte_scan, "LONG_LINE", 4)
        yield


@given(texts)
def test_blocks_add_up_to_the_whole(content: bytes) -> None:
    seen: Survey = byte_scan.survey(Source(content))
    lows = [sign for sign in content if sign < 0x20 and sign not in b"\t\r\n"]
    assert seen.controls == len(lows) + content.count(b"\x7f")
    assert (seen.nuls, seen.quotes) == (content.count(0), b'"' in content)
    assert (seen.line_feeds, seen.returns) == (content.count(b"\n"), content.count(b"\r"))
    assert seen.pairs == content.count(b"\r\n")
    assert seen.blank_lines == any(
        after in b"\r\n"
        for before, after in zip(b"\n" + content, content, strict=False)
        if before == 0x0A
    )


@given(texts)
def test_a_line_is_long_for_certain_from_twice_the_length(content: bytes) -> None:
    seen = byte_scan.survey(Source(content))
    longest = max(len(line) for line in content.split(b"\n"))
    if longest >= 8:
        assert seen.long_lines
    if longest < 4:
        assert not seen.long_lines
