"""HTTP as every server here speaks it: sockets, names, what one connection may cost, answers and problems."""
