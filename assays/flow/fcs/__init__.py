"""FCS files: bytes to events."""
