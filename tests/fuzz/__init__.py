"""Mutated files of every format through the verifier: bounded, no exception, never passed where they must not."""
