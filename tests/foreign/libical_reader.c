/* Reads a calendar from stdin with libical and prints what it understood, one line an event:
 *   uid <TAB> start <TAB> status <TAB> summary     (uid, summary in hex; start in UTC, or a date)
 * and last "errors <TAB> n": what the parser and icalrestriction_check complain of. */
#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void hex(const char *text)
{
    for (; text && *text; text++)
        printf("%02x", (unsigned char)*text);
}

static char *slurp(void)
{
    size_t size = 0, room = 1 << 20;
    char *text = malloc(room);
    for (size_t got; (got = fread(text + size, 1, room - size - 1, stdin)) > 0;) {
        size += got;
        if (room - size < 2)
            text = realloc(text, room *= 2);
    }
    text[size] = 0;
    return text;
}

int main(void)
{
    char *text = slurp();
    icalcomponent *calendar = icalparser_parse_string(text);
    if (!calendar) {
        printf("errors\t1\n");
        return 0;
    }
    int errors = icalcomponent_count_errors(calendar);
    if (!icalrestriction_check(calendar))
        errors += 1;
    errors += icalcomponent_count_errors(calendar);
    if (icalcomponent_isa(calendar) != ICAL_VCALENDAR_COMPONENT)
        errors += 1;
    icalcomponent *event = icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT);
    for (; event; event = icalcomponent_get_next_component(calendar, ICAL_VEVENT_COMPONENT)) {
        struct icaltimetype start = icalcomponent_get_dtstart(event);
        icalproperty *status = icalcomponent_get_first_property(event, ICAL_STATUS_PROPERTY);
        if (!icaltime_is_date(start))
            start = icaltime_convert_to_zone(start, icaltimezone_get_utc_timezone());
        hex(icalcomponent_get_uid(event));
        printf("\t%s\t%s\t", icaltime_as_ical_string(start),
               status ? icalproperty_get_value_as_string(status) : "");
        hex(icalcomponent_get_summary(event));
        printf("\n");
    }
    if (errors)
        fprintf(stderr, "%s\n", icalcomponent_as_ical_string(calendar));
    printf("errors\t%d\n", errors);
    return 0;
}
