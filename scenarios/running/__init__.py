"""What plays a story on a running lab: the run and its way, answers for the page, checkpoints, and replays by a seed."""
