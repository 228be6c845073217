"""What every answer has, whatever it says: ids, logs, headers, limits and error documents."""
