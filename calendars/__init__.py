"""iCalendar both ways; no network, no database."""
