"""The use cases, one a file, verb first. Jobs take ids, re-read state and may run twice."""
