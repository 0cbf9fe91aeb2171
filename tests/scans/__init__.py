"""Scanned papers: a seeded generator, the measured rates, and tests."""
