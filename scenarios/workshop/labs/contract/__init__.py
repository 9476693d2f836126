"""Lab 7: write a contract of your own, a warehouse receipt."""
