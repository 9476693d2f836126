"""Private documents: openings of sealed fields, kept by the nodes of entitled organizations and passed between them over TLS."""
