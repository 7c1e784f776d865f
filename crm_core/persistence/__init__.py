"""Where it is kept: the tables, the one chain of migrations, the database itself."""
