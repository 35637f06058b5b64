"""What a file is about: suggested, asked, declared."""
