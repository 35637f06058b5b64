"""What files and pushes said: a log in Parquet, a cache that follows from it, and the store."""
