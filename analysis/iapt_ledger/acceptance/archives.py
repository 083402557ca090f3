"""Zip and RAR archives, read from start to end without unpacking anything to disk."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

import rars

BLOCK = 1 << 16
MOST_MEMBERS = 10_000
_ENCRYPTED = 0x1
_ZIP_FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,
    LookupError,
)


class Unsound(Exception):
    """An archive that is damaged, or that holds what none of ours may hold; a sentence."""


class Bomb(Exception):
    """An archive that comes to more than is allowed."""


def zip_names(path: Path) -> list[str]:
    """Names of the members, as they stand.

    Raises:
        Unsound: it cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except _ZIP_FAULTS as error:
        raise Unsound(f"It is damaged: {_reason(error)}.") from None


def zip_contents(path: Path, most: int) -> tuple[list[str], int]:
    """Names of a zip's members and the bytes that they come to, after reading every one against its sum.

    Raises:
        Unsound: damaged, encrypted, no member, a name twice, or a path that leaves the folder.
        Bomb: more bytes than `most`.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            safe_names([member.orig_filename for member in members])
            for member in members:
                _see_zip_member(member)
            return archive.namelist(), _read_all(archive, members, most)
    except _ZIP_FAULTS as error:
        raise Unsound(f"It is damaged: {_reason(error)}.") from None


def _see_zip_member(member: zipfile.ZipInfo) -> None:
    if member.flag_bits & _ENCRYPTED:
        raise Unsound(f"Its member {member.filename!r} needs a password.")
    mode = member.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise Unsound(f"Its member {member.filename!r} is a link or a device, not a file.")


def _read_all(archive: zipfile.ZipFile, members: Iterable[zipfile.ZipInfo], most: int) -> int:
    size = 0
    for member in members:
        with archive.open(member) as stream:
            while block := stream.read(BLOCK):
                size += len(block)
                if size > most:
                    raise Bomb
    return size


def rar_contents(path: Path, most: int) -> tuple[list[str], int]:
    """Names of a RAR archive's members and the bytes that they come to, after reading every one against its sum.

    Raises:
        Unsound: damaged, encrypted, no member, a name twice, a link, or a path that leaves the folder.
        Bomb: more bytes than `most`.
    """
    limits = rars.ReadOptions(
        max_total_output_bytes=most, max_member_output_bytes=most, max_header_count=MOST_MEMBERS
    )
    try:
        with rars.RarFile(str(path), options=limits) as archive:
            members = archive.infolist()
            names = [member.filename for member in members]
            safe_names(names)
            for member in members:
                _see_rar_member(archive, member)
            if sum(member.file_size for member in members) > most:
                raise Bomb
            archive.testrar(options=limits)
            return names, sum(member.file_size for member in members)
    except MemoryError:
        raise Bomb from None
    except (rars.Error, OSError, ValueError, KeyError, OverflowError) as error:
        raise Unsound(f"It is damaged: {_reason(error)}.") from None


def _see_rar_member(archive: rars.RarFile, member: rars.RarInfo) -> None:
    if member.is_encrypted:
        raise Unsound(f"Its member {member.filename!r} needs a password.")
    if member.is_split_before or member.is_split_after:
        raise Unsound(f"Its member {member.filename!r} goes on in another archive.")
    try:
        archive.readlink(member.filename)
    except rars.UnsupportedRarFeature:
        return  # what is no link cannot be read as one
    raise Unsound(f"Its member {member.filename!r} is a link, not a file.")


def safe_names(names: Sequence[str]) -> None:
    """See that every name stays in the folder that the archive would be unpacked to.

    Raises:
        Unsound: one does not, one stands twice, or there are none or too many.
    """
    if not names:
        raise Unsound("It holds no member.")
    if len(names) > MOST_MEMBERS:
        raise Unsound(f"It holds {len(names)} members; expected at most {MOST_MEMBERS}.")
    seen = set()
    for name in names:
        plain = name.replace("\\", "/")
        parts = PurePosixPath(plain).parts
        if plain.startswith("/") or ".." in parts or plain[1:2] == ":" or "\0" in name:
            raise Unsound(f"Its member {name[:120]!r} has a path that leaves the folder.")
        if plain.rstrip("/") in seen:
            raise Unsound(f"Its member {name[:120]!r} stands in it twice.")
        seen.add(plain.rstrip("/"))


def missing_members(names: Iterable[str], patterns: Iterable[str]) -> list[str]:
    """Patterns that no member is named like, with its folder or without, in small or large letters."""
    spelt = [name.lower() for name in names]
    spelt += [PurePosixPath(name).name for name in spelt]
    return [
        pattern for pattern in patterns if not any(fnmatch(name, pattern.lower()) for name in spelt)
    ]


def _reason(error: BaseException) -> str:
    """The reader's words, without a full stop and without what moves a cursor."""
    text = str(error) or type(error).__name__
    return "".join(c if c.isprintable() else "?" for c in text)[:200].rstrip(".")
