<?xml version="1.0" encoding="UTF-8"?>
<wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs/2.0" xmlns:gml="http://www.opengis.net/gml/3.2" xmlns:app="http://www.deegree.org/app" timeStamp="2030-03-02T06:00:00Z" numberMatched="2" numberReturned="2">
  <wfs:boundedBy><gml:Envelope srsName="urn:ogc:def:crs:EPSG::25832"><gml:lowerCorner>565000 5948000</gml:lowerCorner><gml:upperCorner>567000 5950000</gml:upperCorner></gml:Envelope></wfs:boundedBy>
  <wfs:member>
    <app:baustellen gml:id="baustellen.1">
      <app:baustellen_id>N-30-17</app:baustellen_id>
      <app:strassenname>Ochsenzoller Straße</app:strassenname>
      <app:abschnitt>zwischen Berliner Allee und Kohfurth</app:abschnitt>
      <app:massnahme>Kanalbau</app:massnahme>
      <app:verkehrsfuehrung>Vollsperrung</app:verkehrsfuehrung>
      <app:bemerkung>Die Busse fahren eine Umleitung.</app:bemerkung>
      <app:umleitung>über Berliner Allee und Segeberger Chaussee</app:umleitung>
      <app:beginn>2030-03-04</app:beginn>
      <app:ende>2030-04-30</app:ende>
      <app:geom>
        <gml:MultiCurve srsName="urn:ogc:def:crs:EPSG::25832" gml:id="g1"><gml:curveMember><gml:Curve gml:id="c1"><gml:segments><gml:LineStringSegment><gml:posList>566100.0 5949100.0 566200.0 5949150.0 566300.0 5949220.0</gml:posList></gml:LineStringSegment></gml:segments></gml:Curve></gml:curveMember></gml:MultiCurve>
      </app:geom>
    </app:baustellen>
  </wfs:member>
  <wfs:member>
    <app:baustellen gml:id="baustellen.2">
      <app:baustellen_id>N-30-18</app:baustellen_id>
      <app:strassenname>Rathausallee</app:strassenname>
      <app:massnahme>Leitungsarbeiten</app:massnahme>
      <app:verkehrsfuehrung>Gehweg gesperrt</app:verkehrsfuehrung>
      <app:beginn>2030-03-11</app:beginn>
      <app:ende>2030-03-15</app:ende>
      <app:geom><gml:Surface srsName="urn:ogc:def:crs:EPSG::25832" gml:id="s1"><gml:patches><gml:PolygonPatch><gml:exterior><gml:LinearRing><gml:posList srsDimension="2">565900 5949300 565950 5949300 565950 5949340 565900 5949340 565900 5949300</gml:posList></gml:LinearRing></gml:exterior></gml:PolygonPatch></gml:patches></gml:Surface></app:geom>
    </app:baustellen>
  </wfs:member>
</wfs:FeatureCollection>
