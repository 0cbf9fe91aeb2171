"""Five programs draw what the verifier told green: as the signed revision, and as the file that people open."""
