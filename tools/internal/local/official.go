package local

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
)

// twilioAddress is the Twilio provider's name in TF_REATTACH_PROVIDERS.
const twilioAddress = "registry.terraform.io/twilio/twilio"

// ErrStandIn says that the official Twilio provider was asked for where its stand-in
// has begun. The two are not mixed: a plan made by one may not be what the other does.
var ErrStandIn = errors.New("the local environment runs with the stand-in for the Twilio provider; before the official one can take over: flexsweep destroy local")

// sameProvider is ErrStandIn if the running fake has no proxy and needs one.
func (s *Stack) sameProvider(f Fake) error {
	if s.o.OfficialTwilio && f.Proxy == "" {
		return ErrStandIn
	}
	return nil
}

// throughProxy is what sends a Go program that knows only Twilio's own hosts to the
// fake. A user's NO_PROXY must not let it get past, to the real Twilio.
func (f Fake) throughProxy() map[string]string {
	return map[string]string{
		"HTTPS_PROXY":        f.Proxy,
		"SSL_CERT_FILE":      f.CAFile,
		"NO_PROXY":           "",
		"no_proxy":           "",
		"CHECKPOINT_DISABLE": "1", // else Terraform asks HashiCorp for news, and the proxy refuses
	}
}

// withoutTwilio leaves the stand-in for the Twilio provider out of the map of running
// providers, so that Terraform starts the one that it installed.
func withoutTwilio(reattach []byte) ([]byte, error) {
	var providers map[string]json.RawMessage
	if err := json.Unmarshal(reattach, &providers); err != nil {
		return nil, fmt.Errorf("read what they print: %w", err)
	}
	if _, ok := providers[twilioAddress]; !ok {
		return nil, fmt.Errorf("there is no %s among them", twilioAddress)
	}
	delete(providers, twilioAddress)
	return json.Marshal(providers)
}

// Applied reports whether Terraform has written a state in this environment.
func (s *Stack) Applied() bool {
	_, err := os.Stat(s.path("terraform.tfstate"))
	return err == nil
}
