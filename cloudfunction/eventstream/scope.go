package eventstream

import "slices"

// scope says whose events count.
type scope struct {
	account    string   // AC…
	workspaces []string // WS…; none: all of the account
}

// stranger returns the account or workspace of an event that is not in the scope, and "" for
// one that is.
//
// What an event does not say is not held against it: no transcript of a real TaskRouter event
// is public, so a schema version may lack the field, and the Auth Token that signed the
// delivery is the account's own. A wrong value is another matter: it is never taken for ours.
func (s scope) stranger(d *data) string {
	for _, account := range []string{d.AccountSID, d.Payload.AccountSID} {
		if account != "" && account != s.account {
			return account
		}
	}
	workspace := d.Payload.WorkspaceSID
	if workspace != "" && len(s.workspaces) > 0 && !slices.Contains(s.workspaces, workspace) {
		return workspace
	}
	return ""
}
