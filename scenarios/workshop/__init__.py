"""The workshop: a lab whose page plays a story, exercises that check themselves, and what a teacher needs in a room of thirty."""
