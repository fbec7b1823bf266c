package channel_test

import (
	"strings"
	"testing"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
)

func TestIsSID(t *testing.T) {
	t.Parallel()
	digits := "0123456789abcdef0123456789abcdef"
	for name, row := range map[string]struct {
		reason string
		text   string
		want   bool
	}{
		"a SID":         {"two letters and 32 digits", "CH" + digits, true},
		"another kind":  {"a task is no channel", "WT" + digits, false},
		"upper case":    {"Twilio writes small letters", "CH" + strings.ToUpper(digits), false},
		"too short":     {"a digit is missing", "CH" + digits[1:], false},
		"too long":      {"a digit too many", "CH" + digits + "0", false},
		"another digit": {"g is none", "CH" + digits[1:] + "g", false},
		"a path":        {"SIDs stand in URLs unescaped", "CH" + digits[3:] + "/..", false},
		"a line break":  {"nothing may follow", "CH" + digits[1:] + "\n", false},
		"empty":         {"nothing at all", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := channel.IsSID(row.text, "CH"); got != row.want {
				t.Errorf("%s: %t, want %t", row.reason, got, row.want)
			}
		})
	}
}
