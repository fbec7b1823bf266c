package tfdouble

import (
	"strings"
	"testing"
)

func TestServeRefuses(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name    string
		options Options
		want    string
		reason  string
	}{
		{"no directory", Options{}, "no directory", "files would land in the working directory"},
		{"Twilio itself", Options{Dir: t.TempDir(), TwilioBaseURL: "https://sync.twilio.com"}, "not http on loopback",
			"a stand-in must never reach the real one"},
		{"another machine", Options{Dir: t.TempDir(), TwilioBaseURL: "http://192.0.2.1:80"}, "not http on loopback", "the fake is on this machine"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, stop, err := Serve(t.Context(), row.options)
			if err == nil {
				stop()
			}
			if err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("got error %v, want one with %q: %s", err, row.want, row.reason)
			}
		})
	}
}
