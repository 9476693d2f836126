"""Maritime shipping: electronic bills of lading with title and possession, events of containers, release of cargo."""
