"""Scanned papers: is it a proper scan, and what does not belong to it."""
