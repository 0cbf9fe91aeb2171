"""Whom we trust, and is it still valid."""
