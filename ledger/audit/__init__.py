"""Offline audit of an export, and the conviction of validators whose exports contradict each other."""
