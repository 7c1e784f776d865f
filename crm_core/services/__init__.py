"""What can be done with what we know: one service per subject, each taking the database and a clock."""
