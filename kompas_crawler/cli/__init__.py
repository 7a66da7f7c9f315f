"""What commands share: their bases, paths, streams and terminals."""
