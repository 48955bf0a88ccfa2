"""Checks of flow data: one file each."""
