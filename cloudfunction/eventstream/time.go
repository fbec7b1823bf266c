package eventstream

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// oldest is before any event that could still matter: an earlier time is a mistake, like a
// clock that was never set.
var oldest = time.Date(2020, time.January, 1, 0, 0, 0, 0, time.UTC)

// eventTime returns the first of the candidates that is a moment, never later than now:
// a clock that runs ahead must not keep a channel for ever. Without any it is now, which
// errs on the side of keeping. Milliseconds, since that is what Twilio gives.
func eventTime(now time.Time, candidates ...json.RawMessage) time.Time {
	for _, raw := range candidates {
		if t, ok := parseTime(raw); ok && t.After(oldest) {
			if t.After(now) {
				t = now
			}
			return t.UTC().Truncate(time.Millisecond)
		}
	}
	return now.UTC().Truncate(time.Millisecond)
}

// parseTime reads an ISO-8601 string, or a number (or a string of one) of seconds or
// milliseconds since 1970.
func parseTime(raw json.RawMessage) (time.Time, bool) {
	text := strings.TrimSpace(string(raw))
	var quoted string
	if json.Unmarshal(raw, &quoted) == nil {
		text = strings.TrimSpace(quoted)
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, true
	}
	number, err := strconv.ParseFloat(text, 64)
	if err != nil || !(number > 0 && number < 1e14) {
		return time.Time{}, false
	}
	if number < 1e11 { // as milliseconds this would be before 1974, as seconds it is until 5138
		number *= 1000
	}
	return time.UnixMilli(int64(number)), true
}
