package secrets

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestDestroyedVersionIsNotStored: after a rotation the newest version of the second
// token is destroyed. Secret Manager answers 400 then, not 404.
func TestDestroyedVersionIsNotStored(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, body string
		fails      bool
		reason     string
	}{
		{"destroyed", `{"error":{"code":400,"status":"FAILED_PRECONDITION","message":"Secret Version [1] is in DESTROYED state."}}`, false, "there is no second token any more"},
		{"bad request", `{"error":{"code":400,"status":"INVALID_ARGUMENT"}}`, true, "a mistake of ours is told"},
		{"no JSON", "canary", true, "nobody knows what that means"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, row.body, http.StatusBadRequest) }))
			defer server.Close()
			m := Manager{Client: server.Client(), Token: AccessToken(lookup(map[string]string{"GOOGLE_OAUTH_ACCESS_TOKEN": "token"})), BaseURL: server.URL}
			got, err := m.Fill(t.Context(), Values{APISecret: "a", AuthToken: "b"}, "p", map[string]string{AuthTokenSecondary: "s"})
			if (err != nil) != row.fails || got.AuthTokenSecondary != "" {
				t.Errorf("%v: %s", err, row.reason)
			}
			if err != nil && strings.Contains(err.Error(), "canary") {
				t.Error("the body is in the error")
			}
		})
	}
}
