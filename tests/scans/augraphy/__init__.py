"""The noise of another program (Augraphy) on our papers: its script, its environment's lock, and the run."""
