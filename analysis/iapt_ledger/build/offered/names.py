"""Names of places within the downloads, for pages that lead there."""

from __future__ import annotations


def anchor_of(topic: str) -> str:
    """The id of the heading that a chapter's files stand under in the list of downloads."""
    return topic.replace("_", "-")
