// Reads a JSON list of iCalendar texts on stdin and writes, for each, what ical.js understood.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";

const party = (property) => ({
  address: property.getFirstValue(),
  name: property.getParameter("cn") ?? "",
  role: property.getParameter("role") ?? null,
  status: property.getParameter("partstat") ?? null,
  rsvp: property.getParameter("rsvp") ?? null,
  cutype: property.getParameter("cutype") ?? null,
});

const read = (text) => {
  const calendar = new ICAL.Component(ICAL.parse(text));
  for (const zone of calendar.getAllSubcomponents("vtimezone")) {
    ICAL.TimezoneService.register(zone);
  }
  const vevents = calendar.getAllSubcomponents("vevent");
  const event = new ICAL.Event(vevents[0]);
  return {
    method: calendar.getFirstPropertyValue("method"),
    properties: calendar.getAllProperties().map((p) => p.name),
    events: vevents.length,
    uid: event.uid,
    sequence: event.sequence,
    summary: event.summary,
    location: event.location ?? "",
    description: event.description ?? "",
    status: vevents[0].getFirstPropertyValue("status"),
    url: vevents[0].getFirstPropertyValue("url") ?? "",
    start: event.startDate.toUnixTime(),
    end: event.endDate.toUnixTime(),
    zone: event.startDate.zone.tzid,
    organizer: party(vevents[0].getFirstProperty("organizer")),
    attendees: event.attendees.map(party),
    stamp: vevents[0].getFirstPropertyValue("dtstamp").toUnixTime(),
    transp: vevents[0].getFirstPropertyValue("transp"),
    resource: vevents[0].getFirstPropertyValue("resources") ?? "",
    listed: vevents[0].getAllProperties().map((p) => p.name),
    zones: calendar.getAllSubcomponents("vtimezone").flatMap((zone) =>
      zone.getAllSubcomponents().map((block) => block.name),
    ),
    names: [...new Set(vevents[0].getAllProperties().map((p) => p.name))].sort(),
  };
};

const texts = JSON.parse(readFileSync(0, "utf-8"));
process.stdout.write(JSON.stringify(texts.map(read)));
