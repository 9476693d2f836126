"""A room full of groups: a network in one process for each, and a page on which the teacher sees and steers them all."""
