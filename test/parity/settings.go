package main

import (
	"fmt"
	"strings"
)

// settings are the environment of a run.
type settings struct {
	live             string // empty: nothing leaves the machine
	account, token   string
	key, secret      string // in place of account and token, for what asks; the token signs all the same
	receiver, listen string
	others, probing  bool
}

// readSettings reads them. missing is what a LIVE run needs and has not.
func readSettings(getenv func(string) string) (s settings, missing []string, err error) {
	s = settings{
		live: getenv("LIVE"), account: getenv("TWILIO_ACCOUNT_SID"), token: getenv("TWILIO_AUTH_TOKEN"),
		key: getenv("TWILIO_API_KEY"), secret: getenv("TWILIO_API_SECRET"),
		receiver: getenv("PARITY_RECEIVER"), listen: getenv("PARITY_LISTEN"),
		others: getenv("PARITY_OTHERS") == "allowed", probing: getenv("PARITY_PROBE") == "1",
	}
	switch s.live {
	case "1":
		s.live = "quick"
	case "", "quick", "slow":
	default:
		return s, nil, fmt.Errorf("read LIVE: %q is neither quick (some minutes) nor slow (some hours)", s.live)
	}
	if s.receiver != "" && !strings.HasPrefix(s.receiver, "https://") {
		return s, nil, fmt.Errorf("read PARITY_RECEIVER: Twilio needs an address that begins with https://")
	}
	if s.listen == "" {
		s.listen = "127.0.0.1:8787"
	}
	for name, value := range map[string]string{"TWILIO_ACCOUNT_SID": s.account, "TWILIO_AUTH_TOKEN": s.token} {
		if value == "" {
			missing = append(missing, name)
		}
	}
	return s, missing, nil
}

// login is who asks.
func (s settings) login() (user, password string) {
	if s.key != "" {
		return s.key, s.secret
	}
	return s.account, s.token
}
