package function_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	function "github.com/flexsweep/flexsweep/cloudfunction"
)

func TestSettingsMatchWhatIsRead(t *testing.T) {
	t.Parallel()
	listed := map[string]bool{}
	for _, s := range function.Settings() {
		if listed[s.Name] {
			t.Errorf("%s is listed twice", s.Name)
		}
		listed[s.Name] = true
		if len(s.EntryPoints) == 0 || s.Description == "" || !strings.HasSuffix(s.Description, ".") || s.Required && s.Default != "" {
			t.Errorf("%s: %+v is incomplete", s.Name, s)
		}
	}
	for _, entryPoint := range []function.EntryPoint{function.EventStreams, function.Sweep} {
		read := map[string]bool{}
		_, err := function.ParseConfig(entryPoint, func(name string) (string, bool) {
			read[name] = true
			return least.lookup(name)
		})
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]bool{}
		for _, s := range function.Settings() {
			if slices.Contains(s.EntryPoints, entryPoint) {
				want[s.Name] = true
			}
		}
		if d := cmp.Diff(want, read); d != "" {
			t.Errorf("%s: what is read and what is listed differ (-listed +read):\n%s", entryPoint, d)
		}
	}
}

func TestSettingsCannotBeChanged(t *testing.T) {
	t.Parallel()
	function.Settings()[0].Name = "changed"
	if function.Settings()[0].Name == "changed" {
		t.Error("a caller changed the list for everyone")
	}
}

// Every bound is one: at it a setting is accepted, beyond it refused with the sentence that
// infra uses, too.
func TestBounds(t *testing.T) {
	t.Parallel()
	bounded := 0
	for _, s := range function.Settings() {
		if s.Form.Least == "" {
			continue
		}
		bounded++
		entryPoint := s.EntryPoints[0]
		e := least.with("RETENTION_FLOOR_OVERRIDE", "0s")
		if s.Name == "UNCONFIRMED_RETENTION" {
			e = e.with("RETENTION", "0s") // which is its floor
		}
		for _, bound := range []string{s.Form.Least, s.Form.Most} {
			if _, err := function.ParseConfig(entryPoint, e.with(s.Name, bound).lookup); err != nil {
				t.Errorf("%s refuses its bound %s: %v", s.Name, bound, err)
			}
		}
		for _, beyond := range []string{beside(t, s.Form.Least, -1), beside(t, s.Form.Most, 1)} {
			_, err := function.ParseConfig(entryPoint, e.with(s.Name, beyond).lookup)
			want := fmt.Sprintf("%s: must be %s, but is %q", s.Name, s.Form.Expected, beyond)
			if err == nil || err.Error() != want {
				t.Errorf("beyond the bounds of %s:\n got %v\nwant %s", s.Name, err, want)
			}
		}
	}
	if bounded < 8 {
		t.Errorf("only %d settings have bounds", bounded)
	}
}

// beside is the next duration or number.
func beside(t *testing.T, bound string, step int) string {
	t.Helper()
	if n, err := strconv.Atoi(bound); err == nil {
		return strconv.Itoa(n + step)
	}
	d, err := time.ParseDuration(bound)
	if err != nil {
		t.Fatalf("the bound %q is neither a number nor a duration", bound)
	}
	return (d + time.Duration(step)*time.Second).String()
}

// TestUnconfirmedRetention: what nobody chose is never shorter than what somebody did.
func TestUnconfirmedRetention(t *testing.T) {
	t.Parallel()
	for retention, want := range map[string]time.Duration{"48h": 168 * time.Hour, "720h": 720 * time.Hour} {
		config, err := function.ParseConfig(function.Sweep, least.with("RETENTION", retention).lookup)
		if err != nil || config.Policy.Unconfirmed != want {
			t.Errorf("with a retention of %s it is %s, not %s (%v)", retention, config.Policy.Unconfirmed, want, err)
		}
	}
}
