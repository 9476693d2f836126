"""A story as data, how it is played on a stage, and how it is told in a terminal."""
