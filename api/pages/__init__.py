"""The web pages: an officer's desk and the citizen's check. Words in ``api/i18n``, looks in ``static``."""
