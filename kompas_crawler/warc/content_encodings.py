"""Decoding of HTTP bodies that were saved as transferred: gzip, deflate, Brotli, Zstandard, chunked."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import brotli

from kompas_crawler.warc.gzip_members import GZIP, GZIP_MARK

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MOST_CODINGS = 4  # of one body; servers use one
MOST_PIECES = 1000  # gzip members or Zstandard frames of one body; each is looked for anew

# A browser refuses windows above 8 MiB; a decoder takes as much memory as the window is large.
_LARGEST_WINDOW: Mapping[int, int] = {zstd.DecompressionParameter.window_log_max: 25}


def decoded(stream: Any, headers: Any, most: int) -> bytes:
    """Return the decoded body of a response, up to `most` bytes.

    A body whose coding does not match its headers is returned as it is: some tools decode a body
    and leave the header. Raises zlib.error for a damaged body.
    """
    from warcio.bufferedreaders import ChunkedDataReader

    transfer = _codings(headers.get_header("Transfer-Encoding"))
    if "chunked" in transfer:
        stream = ChunkedDataReader(stream)
    body: bytes = stream.read(most)
    codings = [*_codings(headers.get_header("Content-Encoding")), *transfer]
    for coding in list(reversed(codings))[:MOST_CODINGS]:
        unpack = _UNPACKERS.get(coding)
        if unpack is not None:
            body = unpack(body, most) or body
    return body


def _codings(header: str | None) -> list[str]:
    """Return the codings that a header lists, in the order in which they were applied."""
    return [coding.strip().lower() for coding in (header or "").split(",")]


def _in_pieces(packed: bytes, most: int, mark: bytes, unpacker_of: Callable[[], Any]) -> bytes:
    """Return what pieces that each begin with a mark decompress to, one after the other."""
    found = b""
    for _ in range(MOST_PIECES):
        if not packed or not packed.startswith(mark) or len(found) >= most:
            break
        unpacker = unpacker_of()
        try:
            found += unpacker.decompress(packed, most - len(found))
        except zstd.ZstdError:
            break
        packed = unpacker.unused_data
    return found


def _ungzip(packed: bytes, most: int) -> bytes:
    """Return decompressed gzip data of one or several members, b"" for anything else."""
    return _in_pieces(packed, most, GZIP_MARK, lambda: zlib.decompressobj(GZIP))


def _inflate(packed: bytes, most: int) -> bytes:
    """Return decompressed deflate data, with zlib's header or, as some servers send it, without."""
    with suppress(zlib.error):
        return zlib.decompressobj().decompress(packed, most)
    bare = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        found = bare.decompress(packed, most)
    except zlib.error:
        return b""
    return found if bare.eof or len(found) == most else b""  # else it was no deflate at all


def _unbrotli(packed: bytes, most: int) -> bytes:
    """Return decompressed Brotli data, as far as it is complete, b"" for anything else."""
    try:
        body: bytes = brotli.Decompressor().process(packed, output_buffer_limit=most)
    except brotli.error:
        return b""
    return body[:most]


def _unzstd(packed: bytes, most: int) -> bytes:
    """Return decompressed Zstandard data of one or several frames, b"" for anything else."""
    return _in_pieces(packed, most, b"", lambda: zstd.ZstdDecompressor(options=_LARGEST_WINDOW))


# warcio decodes gzip and deflate; with current releases of Brotli it fails.
_UNPACKERS: Mapping[str, Callable[[bytes, int], bytes]] = {
    "gzip": _ungzip,
    "x-gzip": _ungzip,
    "deflate": _inflate,
    "br": _unbrotli,
    "zstd": _unzstd,
}
