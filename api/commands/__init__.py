"""The commands of ``antin``, one module each; ``api/cli.py`` loads only the one that was asked for."""
