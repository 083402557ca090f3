"""Archives with the same bytes wherever they are made: no times, no owners, one compressor.

Python packs with the zlib of the machine, whose bytes differ between versions. Arrow brings its own, which the lock
file holds.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

import pyarrow as pa

_GZIP_HEAD, _GZIP_TAIL = 10, 8
_DEFLATED, _NEEDED = 8, 20
_DAY = 1 << 5 | 1  # 1 January 1980, the first day that a zip file knows
_MADE_BY_UNIX = 3 << 8 | _NEEDED
_READABLE = 0o100644 << 16
_NAMES_IN_UTF8 = 1 << 11


def zip_bytes(files: Mapping[str, bytes]) -> bytes:
    """A zip file of these files, by name, in their order; all of it below four gigabytes."""
    body, directory = bytearray(), bytearray()
    for name, content in files.items():
        packed, label = deflated(content), name.encode("utf8")
        sizes = struct.pack("<III", zlib.crc32(content), len(packed), len(content))
        about = struct.pack("<HHHHH", _NEEDED, _NAMES_IN_UTF8, _DEFLATED, 0, _DAY) + sizes
        directory += b"PK\x01\x02" + struct.pack("<H", _MADE_BY_UNIX) + about
        directory += struct.pack("<HHHHHII", len(label), 0, 0, 0, 0, _READABLE, len(body)) + label
        body += b"PK\x03\x04" + about + struct.pack("<HH", len(label), 0) + label + packed
    end = struct.pack("<HHHHIIH", 0, 0, len(files), len(files), len(directory), len(body), 0)
    return bytes(body + directory + b"PK\x05\x06" + end)


def repacked(archive: bytes) -> bytes:
    """The same files in the same order, packed anew."""
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        return zip_bytes({name: packed.read(name) for name in packed.namelist()})


def deflated(content: bytes) -> bytes:
    """Content compressed as zip files hold it: what Arrow packs, without the frame of gzip about it."""
    codec = pa.Codec("gzip", compression_level=6)
    return codec.compress(content, asbytes=True)[_GZIP_HEAD:-_GZIP_TAIL]
