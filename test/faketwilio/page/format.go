package page

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"
)

var sidPattern = regexp.MustCompile(`\b[A-Z]{2}[0-9a-f]{32}\b`)

// short shortens every SID in a text to its prefix and its last six digits, which is enough
// to tell a few apart.
func short(text string) string {
	return sidPattern.ReplaceAllStringFunc(text, func(sid string) string { return sid[:2] + "…" + sid[len(sid)-6:] })
}

// pretty indents JSON, keeping its numbers and the order of its keys. Anything else stays as it is.
func pretty(text string) string {
	var out bytes.Buffer
	if json.Indent(&out, []byte(text), "", "  ") != nil {
		return text
	}
	return out.String()
}

// stamp is a time as the page shows it, in UTC.
func stamp(t time.Time) string { return t.UTC().Format("Mon 2 Jan 2006 15:04:05 UTC") }

// iso is a time as machines read it.
func iso(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// age is how long ago something was, by the fake's clock, in its two largest units.
func age(now, then time.Time) string {
	d := now.Sub(then)
	switch {
	case d <= -time.Second:
		return "in " + span(-d)
	case d < 0:
		return "in less than a second"
	case d < time.Second:
		return "now"
	}
	return span(d) + " ago"
}

// span is a duration in its two largest units.
func span(d time.Duration) string {
	days, hours, minutes, seconds := int(d/(24*time.Hour)), int(d/time.Hour)%24, int(d/time.Minute)%60, int(d/time.Second)%60
	switch {
	case days > 0:
		return units(days, "d", hours, "h")
	case hours > 0:
		return units(hours, "h", minutes, "min")
	case minutes > 0:
		return units(minutes, "min", seconds, "s")
	}
	return fmt.Sprintf("%d s", seconds)
}

func units(large int, largeUnit string, small int, smallUnit string) string {
	text := fmt.Sprintf("%d %s", large, largeUnit)
	if small > 0 {
		text += fmt.Sprintf(" %d %s", small, smallUnit)
	}
	return text
}

// count is "1 time", "2 times".
func count(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}

// contains tells whether a text contains another, whatever the case of its letters.
func contains(text, lowered string) bool { return strings.Contains(strings.ToLower(text), lowered) }
