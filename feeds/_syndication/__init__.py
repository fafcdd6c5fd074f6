"""Reading RSS, RDF, Atom and JSON Feed, whatever kind of source they carry: news, council exports, portals."""
