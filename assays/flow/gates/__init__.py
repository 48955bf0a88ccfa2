"""Gates: one file per way of finding a shape."""
