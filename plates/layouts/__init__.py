"""Layouts in files: one file per way of storing them."""
