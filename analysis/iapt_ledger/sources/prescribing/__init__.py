"""What the feeds of prescribing share: how open data portals are asked, and rows as the edition stores them."""
