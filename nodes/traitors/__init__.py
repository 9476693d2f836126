"""Replicas that lie, for simulations and labs: each is an honest replica whose `handle` is wrapped."""
