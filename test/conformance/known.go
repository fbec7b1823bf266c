package conformance

// known is a departure from Twilio's OpenAPI files that is right all the same. A row that nothing departs by any more is a fault.
type known struct {
	Route, Part, Field string // as in Finding
	Why                string
	Source             string
}

var knownDeviations = []known{
	{
		Route: "POST events.twilio.com/v1/Sinks/{Sid}", Part: "request", Field: "SinkType",
		Why:    "sent on purpose by a test of the fake, which shows that an update changes nothing but the description",
		Source: "https://www.twilio.com/docs/events/event-streams/sink-resource: the update action has Description only",
	},
	{
		Route: "POST events.twilio.com/v1/Subscriptions/{Sid}", Part: "request", Field: "SinkSid",
		Why:    "Twilio's Terraform provider 0.18.46 sends it still, and so does its stand-in; the API ignores it since July 2025",
		Source: "twilio-oai, CHANGES.md, 2025-07-24, Events 2.4.0: removes SinkSid when updating subscriptions",
	},
}

// covers tells whether the row explains a finding.
func (k known) covers(f Finding) bool {
	return k.Route == f.Route && k.Part == f.Part && k.Field == f.Field
}

// unexplained returns the findings that no row explains, and the rows that explain none.
func unexplained(findings []Finding, rows []known) (left []Finding, unused []known) {
	used := make([]bool, len(rows))
	for _, f := range findings {
		explained := false
		for i, row := range rows {
			if row.covers(f) {
				used[i], explained = true, true
			}
		}
		if !explained {
			left = append(left, f)
		}
	}
	for i, row := range rows {
		if !used[i] {
			unused = append(unused, row)
		}
	}
	return left, unused
}
