"""The month files: records on disk, whole lines only, each article once."""
