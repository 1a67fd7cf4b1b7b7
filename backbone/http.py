"""HTTP as a server of ours reads it: uvicorn's protocol on httptools, which by itself reads heads and trailers without
a bound, and keeps whatever anybody sends."""

from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LONGEST_HEAD = 64 * 1024
"""Bytes of a request beside its body: request line, headers, trailers. A little more arrives before it is refused."""
FRAMING = 8
"""Bytes that may come with each byte of a body that is sent in chunks."""
_SAID = f"A request may have {LONGEST_HEAD} bytes beside its body.\n".encode()
_REFUSAL = b"HTTP/1.1 %d %s\r\ncontent-type: text/plain\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%s" % (
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE.phrase.encode(),
    len(_SAID),
    _SAID,
)


class BoundedHttp(HttpToolsProtocol):
    """A longer head is answered with 431; the connection is closed."""

    _beside = 0
    """Bytes of this request that were no body."""
    _is_head = False

    def on_message_begin(self) -> None:
        self._beside, self._is_head = 0, True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._is_head = False
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._beside -= FRAMING * len(body)
        super().on_body(body)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        self._beside += len(data)
        super().data_received(data)
        if self._beside > LONGEST_HEAD and not self.transport.is_closing():
            if self._is_head:
                self.transport.write(_REFUSAL)
            self.transport.close()

    def on_message_complete(self) -> None:
        self._beside = 0
        super().on_message_complete()
