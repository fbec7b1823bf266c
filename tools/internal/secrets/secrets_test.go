package secrets

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func lookup(env map[string]string) LookupEnv {
	return func(n string) (string, bool) { v, ok := env[n]; return v, ok }
}

func TestWriteVarFile(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		values Values
		want   map[string]string
		reason string
	}{
		{"two", Values{APISecret: "a", AuthToken: "b"}, map[string]string{"twilio_api_secret": "a", "twilio_auth_token": "b"}, "an empty slot is left out: null at plan would forbid it at apply"},
		{"rotation", Values{APISecret: "a", AuthToken: "b", AuthTokenSecondary: "c"}, map[string]string{"twilio_api_secret": "a", "twilio_auth_token": "b", "twilio_auth_token_secondary": "c"}, "the second slot is given during a rotation"},
		{"keys of their own", Values{APISecret: "a", AuthToken: "b", EventsAPISecret: "e", SweepAPISecret: "s"}, map[string]string{"twilio_api_secret": "a", "twilio_auth_token": "b", "events_twilio_api_secret": "e", "sweep_twilio_api_secret": "s"}, "each function may have its own"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			path, remove, err := row.values.WriteVarFile(t.TempDir(), "secrets-")
			if err != nil {
				t.Fatal(err)
			}
			info, err := os.Stat(path)
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("mode %v, %v: the file must be the user's alone", info.Mode(), err)
			}
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var got map[string]string
			if err := json.Unmarshal(text, &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", row.reason, diff)
			}
			remove()
			if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
				t.Error("the file is still there")
			}
		})
	}
}

func TestValuesDoNotPrint(t *testing.T) {
	t.Parallel()
	v := Values{APISecret: "canary", AuthToken: "canary", AuthTokenSecondary: "canary"}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(verb, v); strings.Contains(got, "canary") {
			t.Errorf("%s prints a secret: %s", verb, got)
		}
	}
}

func TestMissing(t *testing.T) {
	t.Parallel()
	got := FromEnvironment(lookup(map[string]string{AuthToken: "x", APISecret: ""})).Missing()
	if diff := cmp.Diff([]string{APISecret}, got); diff != "" {
		t.Errorf("an empty variable is a missing one, and the second token is not required:\n%s", diff)
	}
}

// manager is a Secret Manager that holds the given secrets of project p.
func manager(t *testing.T, held map[string]string) Manager {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, ok := strings.CutPrefix(strings.TrimSuffix(r.URL.Path, "/versions/latest:access"), "/v1/projects/p/secrets/")
		value, there := held[id]
		switch {
		case r.Header.Get("Authorization") != "Bearer token":
			http.Error(w, "canary", http.StatusForbidden)
		case !ok || !there:
			http.Error(w, "{}", http.StatusNotFound)
		default:
			fmt.Fprintf(w, `{"payload":{"data":%q}}`, base64.StdEncoding.EncodeToString([]byte(value)))
		}
	}))
	t.Cleanup(server.Close)
	token := AccessToken(lookup(map[string]string{"GOOGLE_OAUTH_ACCESS_TOKEN": "token"}))
	return Manager{Client: server.Client(), Token: token, BaseURL: server.URL}
}

func TestFill(t *testing.T) {
	t.Parallel()
	ids := map[string]string{APISecret: "s-api", AuthToken: "s-token", AuthTokenSecondary: "s-second"}
	m := manager(t, map[string]string{"s-api": "stored", "s-token": "stored"})
	got, err := m.Fill(t.Context(), Values{AuthToken: "mine"}, "p", ids)
	if err != nil {
		t.Fatal(err)
	}
	if want := (Values{APISecret: "stored", AuthToken: "mine"}); got != want {
		t.Error("the environment wins, the store fills the rest, and what is not stored stays empty")
	}
}

func TestFillRefused(t *testing.T) {
	t.Parallel()
	m := manager(t, nil)
	m.Token = func(context.Context) (string, error) { return "wrong", nil }
	_, err := m.Fill(t.Context(), Values{}, "p", map[string]string{APISecret: "s-api"})
	if err == nil || !strings.Contains(err.Error(), "403") || strings.Contains(err.Error(), "canary") {
		t.Errorf("want the status and not the body: %v", err)
	}
}

func TestLacks(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		values Values
		kept   []string
		want   bool
		reason string
	}{
		{"nothing", Values{}, []string{APISecret, AuthToken}, true, "both are kept"},
		{"one", Values{APISecret: "a"}, []string{APISecret, AuthToken}, true, "the other is kept"},
		{"both", Values{APISecret: "a", AuthToken: "b"}, []string{APISecret, AuthToken, AuthTokenSecondary}, false, "outside a rotation the second slot is empty"},
		{"own key", Values{APISecret: "a", AuthToken: "b"}, []string{APISecret, AuthToken, SweepAPISecret}, true, "the sweep's own is kept, too"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			kept := map[string]string{}
			for _, name := range row.kept {
				kept[name] = "id"
			}
			if got := row.values.Lacks(kept); got != row.want {
				t.Errorf("got %v, want %v: %s", got, row.want, row.reason)
			}
		})
	}
}
