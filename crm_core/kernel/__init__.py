"""What two rooms must mean identically: ids, time, messages, the bus, errors, phone numbers, languages."""
