"""Contracts of one's own: begun from a template, checked, and put on a running network."""
