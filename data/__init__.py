"""What people said: reference tables, corpus, complaint files and the database."""
