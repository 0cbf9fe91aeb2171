"""Scan checks: constructed files, each kind of scan and each thing that does not belong to one."""
