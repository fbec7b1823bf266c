package tfdouble

import (
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/flexsweep/flexsweep/test/tfdouble/internal/clock"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/journal"
)

// webhookURL gives the configured webhook URL.
func (w *workspace) webhookURL() string {
	if url := w.vars["webhook_url"]; url != "" {
		return url
	}
	return "https://example.com/event-streams"
}

// bundle gives the content of the configured bundle.
func (w *workspace) bundle() string {
	w.t.Helper()
	data, err := os.ReadFile(w.vars["bundle"])
	if err != nil {
		w.t.Fatal(err)
	}
	return string(data)
}

// read gives a file of the stand-ins.
func (w *workspace) read(name string) string {
	w.t.Helper()
	data, err := os.ReadFile(filepath.Join(w.double, filepath.FromSlash(name)))
	if err != nil {
		w.t.Fatal(err)
	}
	return string(data)
}

// files lists what the stand-ins keep, the journal aside.
func (w *workspace) files() []string {
	w.t.Helper()
	var files []string
	err := filepath.WalkDir(w.double, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && entry.Name() != journal.File && entry.Name() != clock.File {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return files
}

// deleteSubscription deletes the subscription as a person in the console would.
func (w *workspace) deleteSubscription() {
	w.t.Helper()
	for _, line := range strings.Split(w.run(0, "state", "show", "-no-color", "twilio_events_subscriptions_v1.tasks"), "\n") {
		name, sid, found := strings.Cut(line, "=")
		if !found || strings.TrimSpace(name) != "sid" {
			continue
		}
		w.deleteInTwilio("https://events.twilio.com/v1/Subscriptions/" + strings.Trim(sid, ` "`))
		return
	}
	w.t.Fatal("the subscription has no sid")
}

// deleteInTwilio deletes something as a person in the console would.
func (w *workspace) deleteInTwilio(address string) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodDelete, address, http.NoBody)
	if err != nil {
		w.t.Fatal(err)
	}
	req.SetBasicAuth(w.fake.Credentials().AccountSID, canary)
	resp, err := w.fake.Transport().RoundTrip(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusNoContent {
		w.t.Fatalf("delete %s: %s", address, resp.Status)
	}
}
