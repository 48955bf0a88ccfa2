"""Plate-reader exports: one file per vendor software."""
