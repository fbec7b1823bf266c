package eventstream

import "testing"

func TestStranger(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		reason                      string
		listed                      []string
		account, payload, workspace string
		want                        string
	}{
		"ours":                        {"the ordinary event", nil, ac1, ac1, ws1, ""},
		"without any account":         {"the signature was made with the account's own token", nil, "", "", ws1, ""},
		"another account":             {"a subaccount's, perhaps", nil, ac2, ac2, ws1, ac2},
		"another in the payload only": {"never ours if it is another's", nil, ac1, ac2, ws1, ac2},
		"another around it only":      {"never ours if it is another's", nil, ac2, "", ws1, ac2},
		"nonsense for an account":     {"never ours if it is another's", nil, "AC1", ac1, ws1, "AC1"},
		"any workspace":               {"no list means all", nil, ac1, ac1, ws2, ""},
		"a listed workspace":          {"one of them", []string{ws2, ws1}, ac1, ac1, ws1, ""},
		"an unlisted workspace":       {"its channels are somebody else's", []string{ws2}, ac1, ac1, ws1, ws1},
		"without a workspace":         {"what is not said is not held against it", []string{ws2}, ac1, ac1, "", ""},
		"nonsense for a workspace":    {"it is on no list", []string{ws2}, ac1, ac1, "WS2", "WS2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := &data{AccountSID: row.account}
			d.Payload.AccountSID, d.Payload.WorkspaceSID = row.payload, row.workspace
			if got := (scope{ac1, row.listed}).stranger(d); got != row.want {
				t.Errorf("%s: got %q, want %q", row.reason, got, row.want)
			}
		})
	}
}
