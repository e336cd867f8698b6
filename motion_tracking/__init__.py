"""Tells a factory which machines run and which stand still, from its CCTV cameras."""

__version__ = "0.1.0"
