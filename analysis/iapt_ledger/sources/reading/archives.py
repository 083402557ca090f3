"""Archives: zip, rar and gzip, opened in memory, with no path followed and sizes bounded before unpacking."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass
from fnmatch import fnmatchcase

import rars

from iapt_ledger.sources.base import MEGABYTE, ContentError
from iapt_ledger.sources.reading.kinds import expect

MOST_UNPACKED = 2000 * MEGABYTE
_DRIVE = re.compile(r"^[A-Za-z]:")


@dataclass(frozen=True)
class Member:
    """One file in an archive: its path there, and its size unpacked in bytes as the archive says."""

    name: str
    size: int


def members(data: bytes, where: str, most: int = MOST_UNPACKED) -> tuple[Member, ...]:
    """Files in a zip or rar archive, folders left out.

    Raises:
        ContentError: the archive is broken, is encrypted, names a path that leaves its folder, names a file twice,
            or would unpack to more than `most` bytes.
    """
    found = expect(data, ("zip", "rar"), where)
    listed = _zip_members(data, where) if found == "zip" else _rar_members(data, where)
    astray = sorted(m.name for m in listed if _leaves(m.name))
    if astray:
        raise ContentError("a path in the archive leaves its folder", where=where, found=astray)
    twice = sorted(n for n, k in Counter(m.name.lower() for m in listed).items() if k > 1)
    if twice:
        raise ContentError("the archive has a file twice", where=where, found=twice)
    total = sum(m.size for m in listed)
    if total > most:
        raise _too_large(where, most, f"{total:,} bytes")
    return listed


def read_member(
    data: bytes, pattern: str, where: str, most: int = MOST_UNPACKED
) -> tuple[str, bytes]:
    """Name and bytes of the one file of an archive whose name matches a pattern (fnmatch, capitals ignored).

    The pattern is put to the last part of each path.

    Raises:
        ContentError: none matches, or more than one, or as `members` says.
    """
    listed = members(data, where, most)
    fitting = [m for m in listed if fnmatchcase(_last(m.name).lower(), pattern.lower())]
    if len(fitting) != 1:
        raise ContentError(
            "the archive does not hold one file that is looked for",
            where=where,
            expected=pattern,
            found=[m.name for m in fitting] or "none",
            choices=[m.name for m in listed],
        )
    name = fitting[0].name
    unpack = _read_zip if expect(data, ("zip", "rar"), where) == "zip" else _read_rar
    content = unpack(data, name, where, most)
    if len(content) > most:
        raise _too_large(where, most, f"{len(content):,} bytes in {name}")
    return _last(name), content


def gunzipped(data: bytes, where: str, most: int = MOST_UNPACKED) -> bytes:
    """The bytes of a gzip file.

    Raises:
        ContentError: it is broken, or longer than `most`.
    """
    expect(data, ("gzip",), where)
    unpacker = zlib.decompressobj(wbits=31)
    try:
        out = unpacker.decompress(data, most + 1)
    except zlib.error as error:
        raise ContentError("the compressed file is broken", where=where, found=error) from None
    if len(out) > most:
        raise _too_large(where, most, "more")
    if not unpacker.eof or unpacker.unused_data:
        raise ContentError("the compressed file is cut short or has more behind it", where=where)
    return out


def _last(name: str) -> str:
    return name.replace("\\", "/").rsplit("/", 1)[-1]


def _leaves(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return ".." in parts or name.startswith(("/", "\\")) or bool(_DRIVE.match(name))


def _too_large(where: str, most: int, found: str) -> ContentError:
    return ContentError(
        "the file unpacks to too much", where=where, expected=f"at most {most:,} bytes", found=found
    )


def _zip_members(data: bytes, where: str) -> tuple[Member, ...]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            listed = [i for i in archive.infolist() if not i.is_dir()]
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError) as error:
        raise ContentError("the archive is broken", where=where, found=error) from None
    if any(i.flag_bits & 1 for i in listed):
        raise ContentError("the archive is encrypted", where=where)
    return tuple(Member(i.filename, i.file_size) for i in listed)


def _read_zip(data: bytes, name: str, where: str, most: int) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open(name) as member:
            return member.read(most + 1)
    except (
        zipfile.BadZipFile,
        ValueError,
        OSError,
        NotImplementedError,
        EOFError,
        zlib.error,
    ) as e:
        raise ContentError("a file in the archive is broken", where=where, found=e) from None


def _rar_members(data: bytes, where: str) -> tuple[Member, ...]:
    try:
        archive = rars.RarFile.from_bytes(data)
        listed = [i for i in archive.infolist() if not i.is_dir()]
    except (rars.Error, ValueError, OSError) as error:
        raise ContentError("the archive is broken", where=where, found=error) from None
    if any(i.is_encrypted for i in listed):
        raise ContentError("the archive is encrypted", where=where)
    return tuple(Member(i.filename, i.file_size) for i in listed)


def _read_rar(data: bytes, name: str, where: str, most: int) -> bytes:
    options = rars.ReadOptions(max_total_output_bytes=most)
    try:
        return bytes(rars.RarFile.from_bytes(data).read(name, options=options))
    except (rars.Error, ValueError, OSError) as error:
        raise ContentError("a file in the archive is broken", where=where, found=error) from None
