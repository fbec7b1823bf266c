package operate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"time"
)

// metadataServer gives tokens to what runs on Google Cloud
// (https://cloud.google.com/run/docs/authenticating/service-to-service).
const metadataServer = "http://metadata.google.internal"

// Identity finds the identity token that the private sweep wants.
type Identity struct {
	Audience    string // the function's own URL
	Impersonate string // a service account that may call it; "" for the operator's own account
	Transport   http.RoundTripper
	// Run runs a program and returns what it prints; nil: gcloud on this machine.
	Run func(ctx context.Context, name string, args ...string) ([]byte, error)
}

// Token asks gcloud, and where there is none or nobody is signed in, the metadata server.
func (i Identity) Token(ctx context.Context) (string, error) {
	run := i.Run
	if run == nil {
		run = func(ctx context.Context, name string, args ...string) ([]byte, error) {
			return exec.CommandContext(ctx, name, args...).Output()
		}
	}
	// gcloud takes an audience only for service accounts; Cloud Run accepts the token of a person without one.
	args := []string{"auth", "print-identity-token"}
	if i.Impersonate != "" {
		args = append(args, "--impersonate-service-account="+i.Impersonate, "--audiences="+i.Audience)
	}
	out, err := run(ctx, "gcloud", args...)
	if token := strings.TrimSpace(string(out)); err == nil && token != "" {
		return token, nil
	}
	if i.Impersonate == "" {
		if token, err := i.metadata(ctx); err == nil {
			return token, nil
		}
	}
	return "", errors.New("no identity token: sign in with `gcloud auth login`, or name an account that may call the sweep with --impersonate")
}

func (i Identity) metadata(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second) // elsewhere nobody answers
	defer cancel()
	address := metadataServer + "/computeMetadata/v1/instance/service-accounts/default/identity?audience=" + url.QueryEscape(i.Audience)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", err
	}
	req.Header.Set("Metadata-Flavor", "Google")
	res, err := i.Transport.RoundTrip(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	if err != nil || res.StatusCode != http.StatusOK {
		return "", fmt.Errorf("read an identity token: %s, %w", res.Status, err)
	}
	return strings.TrimSpace(string(text)), nil
}
