"""Government services: a catalogue of shared data, consent by code, electronic licences, know-your-customer, evidence."""
