"""Rules on bytes: what a file is, how large, and whether an archive is sound, stays in its folder and is no bomb."""

from __future__ import annotations

import gzip
import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import rars
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iapt_ledger.acceptance.files import NAMES, check_file, checks_of, kind_of, too_large
from iapt_ledger.fetch.progress import bytes_in_words
from iapt_ledger.sources.base import RawFile, Request, failed

CSV = b"month,referrals\n" + b"".join(b"2025-05,%06d\n" % n for n in range(4000))
PAGE = b"<!DOCTYPE html>\n<html><body>We have moved</body></html>"


def asked(content, **more):
    return Request("https://h/x", "x", content, **more)


@pytest.fixture
def put(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(data: bytes) -> Path:
        file = tmp_path / "any name at all.csv"
        file.write_bytes(data)
        return file

    return write


def zipped(*members, method=zipfile.ZIP_DEFLATED, **more) -> bytes:
    """A zip of (name or ZipInfo, bytes)."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data, **more)
    return stream.getvalue()


def rarred(*members, **more) -> bytes:
    builder = rars.RarBuilder(**more)
    for name, data in members:
        builder.add_bytes(data, name)
    return bytes(builder.to_bytes())


def workbook() -> bytes:
    stream = io.BytesIO()
    parts = {"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<workbook/>"}
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return stream.getvalue()


def parquet() -> bytes:
    stream = io.BytesIO()
    pd.DataFrame({"a": [1]}).to_parquet(stream)
    return stream.getvalue()


GOOD = {
    "csv": CSV,
    "csv.gz": gzip.compress(CSV),
    "html": PAGE,
    "json": b' {"result": [1, 2.5, null]}',
    "parquet": parquet(),
    "rar": rarred(("main.csv", CSV)),
    "xlsx": workbook(),
    "zip": zipped(("main.csv", CSV)),
}
BAD = {
    "pdf": b"%PDF-1.7\n...",
    "xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500),
    "xml": b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
    "utf16": "month,referrals\n2025-05,1\n".encode("utf-16"),
    "other": bytes(range(256)) * 9,
}


@pytest.mark.parametrize("content", GOOD)
def test_a_good_file_passes_every_rule(put, content):
    checks = check_file(put(GOOD[content]), asked(content))
    assert not failed(checks)
    rules = ["not empty", "type by content", "size"]
    packed = content in ("zip", "xlsx", "rar", "csv.gz")
    assert [check.rule for check in checks] == rules + ["archive", "unpacked size"] * packed
    assert all(check.sentence.endswith(".") for check in checks)


@pytest.mark.parametrize("content", GOOD)
@pytest.mark.parametrize("kind", [*GOOD, *BAD])
def test_one_kind_of_file_is_never_taken_for_another(put, content, kind):
    if content == kind:
        return
    checks = check_file(put((GOOD | BAD)[kind]), asked(content))
    (check,) = (check for check in checks if not check.passed)
    assert check.rule == "type by content"
    assert NAMES[kind] in check.sentence
    assert f"expected {NAMES[content]}" in check.sentence


def test_a_page_in_the_place_of_a_file_is_said_to_be_one(put):
    for page in (
        PAGE,
        b"\xef\xbb\xbf\r\n <html lang=en>",
        b"<!-- cached --><HTML><head>",
        b'<?xml version="1.0"?><!DOCTYPE html PUBLIC "x"><html>',
        b"<head><title>Sign in</title>",
    ):
        (said,) = failed(check_file(put(page), asked("xlsx")))
        assert said == (
            "type by content: It is a web page (HTML): the host put a page in the place of the file;"
            " expected an Excel workbook."
        )


@pytest.mark.parametrize("data", [b"", b" \r\n\t\n", b"\xef\xbb\xbf", b"\0" * 5000])
@pytest.mark.parametrize("content", ["csv", "zip", "json"])
def test_an_empty_file_is_refused(put, data, content):
    (said,) = failed(check_file(put(data), asked(content)))
    assert said == f"not empty: The file holds {bytes_in_words(len(data))} and no content."


@pytest.mark.parametrize(
    "data", [b"a,b\n1,2\n", b"\xef\xbb\xbfa,b\n", "naïve,£\n".encode("cp1252"), b"a\tb\r\n1\t2\r\n"]
)
def test_texts_with_a_mark_at_the_start_or_an_older_coding_are_texts(put, data):
    assert kind_of(put(data)) == "csv"


def test_json_that_ends_early_or_is_nested_without_end_is_refused(put):
    for data in (b'{"a": [1, 2', b"[" * 100_000, b'{"a": 1} x'):
        (said,) = failed(check_file(put(data), asked("json")))
        assert "that does not parse as JSON; expected JSON" in said


def test_a_file_outside_the_band_of_sizes_is_refused(put):
    path = put(CSV)
    (small,) = failed(check_file(path, asked("csv", least=100_000)))
    (large,) = failed(check_file(path, asked("csv", most=1000)))
    assert small == "size: It has 60.0 kB; expected 100.0 kB to 200.0 MB."
    assert large == "size: It has more than is allowed: 60.0 kB; expected 1 byte to 1.0 kB."
    assert not too_large(1, asked("csv", most=1000)).passed


@pytest.mark.parametrize(
    "name",
    ["../evil.csv", "/etc/passwd", "a/../../b", "C:\\windows\\x", "\\\\server\\x", "..\\x", "c:x"],
)
def test_a_member_that_leaves_the_folder_is_refused(put, name):
    (said,) = failed(check_file(put(zipped(("ok.csv", CSV), (name, b"x"))), asked("zip")))
    assert said.startswith("archive: Its member")
    assert said.endswith("has a path that leaves the folder.")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_in_a_zip_are_refused(put, kind):
    member = zipfile.ZipInfo("link")
    member.external_attr = (kind | 0o777) << 16
    (said,) = failed(check_file(put(zipped((member, b"/etc/passwd"))), asked("zip")))
    assert said == "archive: Its member 'link' is a link or a device, not a file."


def test_a_link_in_a_rar_is_refused(put):
    builder = rars.RarBuilder()
    builder.add_unix_symlink("link", "/etc/passwd")
    (said,) = failed(check_file(put(bytes(builder.to_bytes())), asked("rar")))
    assert said == "archive: Its member 'link' is a link, not a file."


def test_an_archive_that_needs_a_password_is_refused(put):
    data = rarred(("main.csv", CSV), password="x")
    (said,) = failed(check_file(put(data), asked("rar")))
    assert said == "archive: Its member 'main.csv' needs a password."
    plain = bytearray(zipped(("main.csv", CSV)))
    plain[6] |= 1  # the flag in the member's head and in the list at the end
    plain[plain.index(b"PK\x01\x02") + 8] |= 1
    (said,) = failed(check_file(put(bytes(plain)), asked("zip")))
    assert said == "archive: Its member 'main.csv' needs a password."


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_stands_twice_is_refused(put):
    (said,) = failed(check_file(put(zipped(("a.csv", CSV), ("a.csv", b"2"))), asked("zip")))
    assert said == "archive: Its member 'a.csv' stands in it twice."


def test_an_archive_without_members_is_refused(put):
    (said,) = failed(check_file(put(zipped()), asked("zip")))
    assert said == "archive: It holds no member."


@pytest.mark.parametrize("content", ["zip", "rar"])
def test_the_members_that_are_expected_must_be_there(put, content):
    members = ("folder/Main-CSV.csv", CSV), ("notes.txt", b"x")
    path = put(zipped(*members) if content == "zip" else rarred(*members))
    assert not failed(check_file(path, asked(content, members=("*main-csv.csv", "notes.*"))))
    (said,) = failed(check_file(path, asked(content, members=("*.csv", "*tbo*", "*.xlsx"))))
    assert said == (
        "archive: No member is named like *tbo*, *.xlsx;"
        " it holds 'folder/Main-CSV.csv', 'notes.txt'."
    )


@pytest.mark.parametrize("content", ["zip", "rar", "csv.gz", "xlsx"])
def test_a_bomb_is_refused(put, content):
    zeros = bytes(30_000_000)
    data = {
        "zip": lambda: zipped(("big.csv", zeros)),
        "rar": lambda: rarred(("big.csv", zeros)),
        "csv.gz": lambda: gzip.compress(zeros),
        "xlsx": lambda: zipped(
            ("[Content_Types].xml", b"x"), ("xl/workbook.xml", b"x"), ("xl/s.xml", zeros)
        ),
    }[content]()
    assert len(data) < 100_000
    (said,) = failed(check_file(put(data), asked(content, most_unpacked=1_000_000)))
    assert said == "unpacked size: It comes to more than 1.0 MB when it is unpacked."


def test_a_zip_that_lies_about_its_size_does_not_get_past(put):
    """The head and the list say ten bytes where there are thirty million."""
    zeros = bytes(30_000_000)
    data = bytearray(zipped(("big.csv", zeros)))
    for at in (22, data.index(b"PK\x01\x02") + 24):
        assert struct.unpack_from("<I", data, at) == (len(zeros),)
        struct.pack_into("<I", data, at, 10)
    (said,) = failed(check_file(put(bytes(data)), asked("zip", most_unpacked=1_000_000)))
    assert said.startswith("archive: It is damaged: Bad CRC-32")


def test_a_gzip_of_several_parts_is_read_to_its_end(put):
    parts = gzip.compress(CSV) + gzip.compress(bytes(2_000_000)) + bytes(512)
    assert not failed(check_file(put(parts), asked("csv.gz")))
    (said,) = failed(check_file(put(parts), asked("csv.gz", most_unpacked=1_000_000)))
    assert said.startswith("unpacked size")


@pytest.mark.parametrize("content", ["zip", "xlsx", "rar", "csv.gz"])
@pytest.mark.parametrize("cut", [0.3, 0.9])
def test_an_archive_that_ends_early_is_refused(put, content, cut):
    data = GOOD[content]
    (said,) = failed(check_file(put(data[: int(len(data) * cut)]), asked(content)))
    assert said.startswith("archive: It is damaged: ")


@pytest.mark.parametrize("content", ["zip", "rar", "csv.gz"])
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_changed_byte_in_an_archive_never_passes_with_other_contents(put, content, data):
    """Whatever byte is changed: it is refused, or what it unpacks to is what it was."""
    whole = bytearray(GOOD[content])
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    path = put(bytes(whole))
    if failed(check_file(path, asked(content))):
        return
    assert unpacked(path, content) == CSV


def unpacked(path: Path, content: str) -> bytes:
    if content == "zip":
        with zipfile.ZipFile(path) as archive:
            return archive.read(archive.namelist()[0])
    if content == "rar":
        archive = rars.RarFile(str(path))
        return archive.read(archive.namelist()[0])
    return zlib.decompress(path.read_bytes(), wbits=31)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400), st.sampled_from([b"", b"PK\x03\x04", b"Rar!\x1a\x07\x01\0", b"<"]))
def test_any_bytes_get_an_answer(put, data, start):
    for content in GOOD:
        assert check_file(put(start + data), asked(content))


def test_a_file_given_by_hand_has_no_request(put):
    path = put(CSV)
    assert checks_of(RawFile(path, "x", request=asked("csv"))) == check_file(path, asked("csv"))
    with pytest.raises(ValueError, match="no request"):
        checks_of(RawFile(path, "x"))


def test_the_real_published_files_pass(shared):
    endings = {".csv.gz": "csv.gz", ".csv": "csv", ".json": "json", ".xlsx": "xlsx"}
    seen = set()
    for file in sorted(shared.rglob("*")):
        ending = next((end for end in endings if file.name.endswith(end)), None)
        if ending and file.is_file():
            seen.add(ending)
            assert not failed(check_file(file, asked(endings[ending]))), file.name
    assert seen == set(endings)
