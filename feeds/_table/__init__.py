"""Tables of small towns and clubs: CSV, Excel (.xlsx) and OpenDocument (.ods) become sheets of text cells."""
