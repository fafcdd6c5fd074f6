<?xml version="1.0" encoding="UTF-8"?>
<wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs" xmlns:gml="http://www.opengis.net/gml" xmlns:ms="http://mapserver.gis.umn.edu/mapserver">
  <gml:featureMember><ms:sperrung fid="sperrung.9"><ms:msGeometry><gml:LineString srsName="EPSG:4326"><gml:coordinates>10.01,53.70 10.02,53.71</gml:coordinates></gml:LineString></ms:msGeometry><ms:STRASSE>Am Markt</ms:STRASSE><ms:ART>Vollsperrung</ms:ART><ms:VON>04.03.2030</ms:VON><ms:BIS>08.03.2030</ms:BIS></ms:sperrung></gml:featureMember>
  <gml:featureMember><ms:sperrung fid="sperrung.10"><ms:msGeometry><gml:Point srsName="urn:ogc:def:crs:EPSG::4326"><gml:pos>53.72 10.03</gml:pos></gml:Point></ms:msGeometry><ms:STRASSE>Hauptstr. 5-9</ms:STRASSE><ms:ART>halbseitige Sperrung</ms:ART></ms:sperrung></gml:featureMember>
</wfs:FeatureCollection>
