"""JSON bodies are read strictly, and what is wrong is named."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.api.body import LARGEST, MOST_DEPTH, MOST_KEYS, parse_json
from handoff.api.errors import Malformed
from handoff.domain.errors import Invalid

MALFORMED = {
    "nothing": b"",
    "a broken object": b'{"a":',
    "a stray byte": b'{"a":"\xff"}',
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "a raw NUL": b'{"a":"\x00"}',
    "a surrogate in UTF-8": b'{"a":"\xed\xa0\x80"}',
    "two values": b"{} {}",
}
REFUSED = {
    "a duplicate name": (b'{"a":{"b":1,"b":2}}', "/a/b"),
    "NaN": (b'{"a":[1,NaN]}', "/a/1"),
    "infinity": (b'{"a":-Infinity}', "/a"),
    "a number beyond a double": (b'{"a":1e999}', "/a"),
    "a number beyond 64 bits": (b'{"a":%d}' % (LARGEST + 1), "/a"),
    "a number of 5,000 digits": (b'{"a":' + b"9" * 5_000 + b"}", "/a"),
    "a leading half of a pair": (b'{"a":"x\\ud800y"}', "/a"),
    "a trailing half of a pair": (b'{"a":"\\uDC00"}', "/a"),
    "half of a pair in a name": (b'{"\\ud800":1}', "the whole body"),
    "an escaped NUL": (b'{"a":{"b~c/d":"\\u0000"}}', "/a/b~0c~1d"),
    "1,000 levels": (b"[" * 1_000 + b"]" * 1_000, "nested deeper"),
    "100,000 levels": (b"[" * 100_000, "nested deeper"),
    "a level too many": (b"[" * (MOST_DEPTH + 1) + b"]" * (MOST_DEPTH + 1), "nested deeper"),
    "a name too many": (json.dumps(dict.fromkeys(map(str, range(MOST_KEYS + 1)))).encode(), "more"),
}


@pytest.mark.parametrize("raw", MALFORMED.values(), ids=MALFORMED)
def test_what_is_not_json_is_malformed(raw: bytes) -> None:
    """Bytes that are no JSON text are refused as such."""
    with pytest.raises(Malformed):
        parse_json(raw)


@pytest.mark.parametrize(("raw", "where"), REFUSED.values(), ids=REFUSED)
def test_what_parsers_disagree_about_is_refused_where_it_stands(raw: bytes, where: str) -> None:
    """The refusal names the place as a JSON pointer."""
    with pytest.raises(Invalid, match=where) as refused:
        parse_json(raw)

    assert not isinstance(refused.value, Malformed)


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * MOST_DEPTH + b"]" * MOST_DEPTH,
        b'{"a":%d,"b":%d}' % (LARGEST, -LARGEST),
        json.dumps(dict.fromkeys(map(str, range(MOST_KEYS)))).encode(),
        b'"\\ud83d\\ude00 \\u0001"',
        b'{"a":[{"b":"{[:{[:"}],"a:":1.5e-3,"c":true,"d":null}',
        (b'{"a":[' + b'"[",' * 200 + b'"{"]}'),
    ],
)
def test_what_is_within_the_bounds_is_read_as_it_stands(raw: bytes) -> None:
    """At the bound itself nothing is refused."""
    assert parse_json(raw) == json.loads(raw)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | st.text() | st.floats(),
    lambda below: st.lists(below) | st.dictionaries(st.text(), below),
)


@given(JSON, st.booleans())
def test_ordinary_values_survive_or_are_refused(value: object, escaped: bool) -> None:
    """Whatever Python can write is read back equal, or refused with a reason of ours."""
    try:
        raw = json.dumps(value, ensure_ascii=escaped).encode()
    except UnicodeEncodeError:
        return

    try:
        read = parse_json(raw)
    except Invalid:
        assert b"NaN" in raw or b"Infinity" in raw or b"\\u" in raw
    else:
        assert read == value
