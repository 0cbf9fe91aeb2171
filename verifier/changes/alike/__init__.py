"""Whether what an update draws is drawn alike by every viewer; ``drawn.py`` first."""
