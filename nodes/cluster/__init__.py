"""Campaigns that outlast a process or a machine: verdicts on disk, and workers of a Dask cluster."""
