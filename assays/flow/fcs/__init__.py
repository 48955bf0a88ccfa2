"""FCS files: bytes to events, and back."""

# Bound here and at once: a module and its function share a name, and the
# function must win whoever imports first.
from assays.flow.fcs.dataset import count_datasets, read_analysis, read_keywords
from assays.flow.fcs.read import read
from assays.flow.fcs.write import write

__all__ = ["count_datasets", "read", "read_analysis", "read_keywords", "write"]
