"""Archives are whole, open with Python's own reader, and have the same bytes every time."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iapt_ledger.build.offered.steady import repacked, zip_bytes

FILES = {"a.csv": b"x,y\n1,2\n" * 5000, "b/ä.txt": "naïve".encode(), "empty": b""}


def unpacked(archive):
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


def test_what_is_packed_comes_out_again():
    packed = zip_bytes(FILES)
    assert unpacked(packed) == FILES
    assert len(packed) < len(FILES["a.csv"]) / 10


@given(
    st.dictionaries(st.text("abcé/", min_size=1, max_size=9), st.binary(max_size=300), max_size=5)
)
def test_any_files_come_out_again(files):
    assert unpacked(zip_bytes(files)) == files


def test_times_and_the_first_packing_leave_no_trace():
    archives = []
    for year, method in ((1999, zipfile.ZIP_DEFLATED), (2026, zipfile.ZIP_STORED)):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", method) as archive:
            for name, content in FILES.items():
                archive.writestr(zipfile.ZipInfo(name, (year, 1, 2, 3, 4, 6)), content)
        archives.append(out.getvalue())
    assert archives[0] != archives[1]
    assert repacked(archives[0]) == repacked(archives[1]) == zip_bytes(FILES)


def test_something_that_is_no_archive_is_refused():
    with pytest.raises(zipfile.BadZipFile):
        repacked(b"PK no")
