// Reads a calendar from stdin with ical.js and prints what it understood as JSON.
// Usage: node icaljs_reader.mjs <path of ical.js>
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { default: ICAL } = await import(pathToFileURL(process.argv[2]).href);
const calendar = new ICAL.Component(ICAL.parse(readFileSync(0, "utf8")));
for (const zone of calendar.getAllSubcomponents("vtimezone")) {
  ICAL.TimezoneService.register(new ICAL.Timezone(zone));
}
const events = calendar.getAllSubcomponents("vevent").map((component) => {
  const start = component.getFirstPropertyValue("dtstart");
  return {
    uid: component.getFirstPropertyValue("uid"),
    start: start.isDate ? start.toString() : start.convertToZone(ICAL.Timezone.utcTimezone).toString(),
    status: component.getFirstPropertyValue("status") ?? "",
    summary: component.getFirstPropertyValue("summary") ?? "",
  };
});
const types = Object.fromEntries(calendar.getAllProperties().map((one) => [one.name, one.type]));
process.stdout.write(JSON.stringify({ events, types }));
