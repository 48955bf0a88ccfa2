"""Checks of a plate: one file each."""
