"""Links of a publisher's page, to find what has come out since an address was written down."""

from __future__ import annotations

from urllib.parse import urldefrag, urljoin, urlsplit

from lxml import etree, html

from iapt_ledger.sources.base import ContentError
from iapt_ledger.sources.reading.kinds import expect
from iapt_ledger.sources.reading.text import decoded

MOST_LINKS = 5000


def links(data: bytes, address: str) -> list[str]:
    """Addresses that a page links to, in order, each once, made whole; only http and https.

    Args:
        data: the page.
        address: its own address, from which short ones are made whole.

    Raises:
        ContentError: it is no page, or has no links at all.
    """
    expect(data, ("html", "text"), address)
    try:
        page = html.document_fromstring(decoded(data, address))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise ContentError("the page cannot be read", where=address, found=error) from None
    found: dict[str, None] = {}
    for reference in page.xpath("//a/@href")[:MOST_LINKS]:
        try:
            whole = urldefrag(urljoin(address, str(reference).strip()))[0]
            scheme, host = urlsplit(whole).scheme, urlsplit(whole).hostname
        except ValueError:
            continue
        if scheme in ("http", "https") and host:
            found[whole] = None
    if not found:
        raise ContentError("the page has no links", where=address)
    return list(found)
