"""Letters of the state, as its own signing tool makes them: one letter, one to seven signatures."""
