"""What the topics are called in messages."""

from __future__ import annotations

TOPICS = {
    "de": {
        "waste": "Abfall", "roads": "Straßen und Sperrungen", "council": "Rat und Ausschüsse", "weather": "Wetter",
        "warnings": "Warnungen", "tenders": "Ausschreibungen", "news": "Nachrichten", "events": "Veranstaltungen",
        "jobs": "Stellenangebote", "lost": "Fundsachen",
        "clubs": "Vereine", "water": "Wasser", "floods": "Hochwasser", "notices": "Bekanntmachungen", "desk": "Quellen",
    },
    "en": {
        "waste": "Waste", "roads": "Roads and closures", "council": "Council and committees", "weather": "Weather",
        "warnings": "Warnings", "tenders": "Tenders", "news": "News", "events": "Events",
        "jobs": "Job offers", "lost": "Lost and found",
        "clubs": "Clubs", "water": "Water", "floods": "Floods", "notices": "Public notices", "desk": "Sources",
    },
}  # fmt: skip
