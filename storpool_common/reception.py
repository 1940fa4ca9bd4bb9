# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""An HTTP answer while it arrives (RFC 9112), as llhttp takes it apart.

What would leave open where an answer ends is refused: there the next one
would begin.
"""

import http.client

import httptools

#: Bytes of a piece.
PIECE = 64 * 1024
#: Bytes of what a head says at most, and its most fields.
LONGEST_HEAD = 64 * 1024
MOST_FIELDS = 100

#: llhttp takes answers of RTSP and ICE, too, and HTTP/2.0.
_BEGINNING = b"HTTP/1."


class Reception:
    """One answer; what comes before it without being one is passed over.

    :ivar status: of the answer, once its head is over.
    :ivar is_complete: whether all of it has come.
    :ivar is_kept: whether another request may follow on its connection.
    """

    status: int

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        # As the standard library's client, and RFC 9112 lets it (2.2).
        self._parser.set_dangerous_leniencies(
            lenient_optional_cr_before_lf=True
        )
        self._begin()
        self._beginning = b""
        self._received = 0
        self.is_complete = False
        self.is_kept = False

    @property
    def body(self) -> bytes:
        """What has come of the body."""
        return b"".join(self._pieces)

    def field(self, name: str) -> str:
        """What the head says by a name in lower case; empty for nothing."""
        wanted = name.encode()
        values = [
            value.rstrip(b" \t")
            for key, value in self._said
            if key.lower() == wanted
        ]
        return b", ".join(values).decode("latin-1")

    def take(self, piece: bytes) -> None:
        """Take what comes next.

        :param piece: of ``PIECE`` bytes at most.
        :raises HTTPException: this is no answer, or not to be relied on.
        """
        if len(self._beginning) < len(_BEGINNING):
            self._require_http(piece)
        try:
            self._parser.feed_data(piece)
        except (
            httptools.HttpParserError,
            httptools.HttpParserUpgrade,
        ) as error:
            if not self.is_complete:
                raise http.client.HTTPException(
                    f"what came is no answer: {error}"
                ) from error
            self.is_kept = False
        self._received += len(piece)
        if self._is_head_over:
            self._require_reliable()
        elif self._received > 2 * LONGEST_HEAD:
            raise http.client.LineTooLong("head")

    def end(self) -> None:
        """The connection has come to its end.

        :raises HTTPException: before the end of the answer.
        """
        if not self._is_head_over:
            raise http.client.RemoteDisconnected(
                "the server closed the connection before the head of an answer"
            )
        if self.field("transfer-encoding") or self.field("content-length"):
            raise http.client.IncompleteRead(self.body)
        self.is_complete = True

    def on_message_begin(self) -> None:
        """An answer begins; another one than ours ends the connection."""
        if self.is_complete:
            raise http.client.HTTPException("nobody has asked for this")

    def on_header(self, name: bytes, value: bytes) -> None:
        """A field of the head, or of what stands behind the last chunk."""
        if not self._is_head_over:
            self._said.append((name, value))

    def on_headers_complete(self) -> None:
        """The head is over."""
        self.status = self._parser.get_status_code()
        self._is_head_over = True

    def on_body(self, piece: bytes) -> None:
        """A part of the body."""
        self._pieces.append(piece)

    def on_message_complete(self) -> None:
        """All has come; of an interim answer, and the answer is to come."""
        if 100 <= self.status < 200:
            self._begin()
            return
        self.is_complete = True
        self.is_kept = self._parser.should_keep_alive()
        # Each holds the other; a circle would be left to the collector.
        del self._parser

    def _begin(self) -> None:
        self.status = 0
        self._said: list[tuple[bytes, bytes]] = []
        self._pieces: list[bytes] = []
        self._is_head_over = False

    def _require_reliable(self) -> None:
        if not 200 <= self.status < 600:
            raise http.client.HTTPException(f"no such status: {self.status}")
        if len(self._said) > MOST_FIELDS:
            raise http.client.HTTPException(
                f"the head has more than {MOST_FIELDS} fields"
            )
        if self._received > LONGEST_HEAD and self._length() > LONGEST_HEAD:
            raise http.client.LineTooLong("head")
        coding = self.field("transfer-encoding")
        if coding.lower() not in ("", "chunked"):
            raise http.client.HTTPException(
                f"the transfer encoding {coding!r} is unknown"
            )

    def _length(self) -> int:
        """Bytes of what the head says, in whichever pieces it came."""
        return sum(len(name) + len(value) for name, value in self._said)

    def _require_http(self, piece: bytes) -> None:
        begun = (self._beginning + piece).lstrip(b"\r\n")
        self._beginning = begun[: len(_BEGINNING)]
        if not _BEGINNING.startswith(self._beginning):
            raise http.client.HTTPException(
                f"what came is no answer: it begins with {begun[:16]!r}"
            )
