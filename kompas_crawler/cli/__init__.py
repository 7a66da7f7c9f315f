"""What the commands share: base classes, paths, streams and terminal output."""
