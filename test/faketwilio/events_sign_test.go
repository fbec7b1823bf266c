package faketwilio

import "testing"

// The vector is the one that Twilio publishes with its SDKs for JSON bodies.
const (
	vectorToken = "12345"
	vectorBody  = `{"property": "value", "boolean": true}`
	vectorURL   = "https://mycompany.com/myapp.php?bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
	vectorSum   = "y77kIzt2vzLz71DgmJGsen2scGs="
)

func TestSign(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, reason, url string
	}{
		{"published vector", "the address carries the hash already", vectorURL},
		{"hash appended", "an address without one gets the hash of the body", "https://mycompany.com/myapp.php"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := Sign(vectorToken, test.url, []byte(vectorBody)); got != vectorSum {
				t.Errorf("Sign(%q) = %q, want %q: %s", test.url, got, vectorSum, test.reason)
			}
		})
	}
}

func TestSignedURL(t *testing.T) {
	t.Parallel()
	if got := SignedURL("https://mycompany.com/myapp.php", []byte(vectorBody)); got != vectorURL {
		t.Errorf("SignedURL = %q, want %q", got, vectorURL)
	}
	want := "https://example.com/hook?a=1&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
	if got := SignedURL("https://example.com/hook?a=1", []byte(vectorBody)); got != want {
		t.Errorf("SignedURL keeps a query: got %q, want %q", got, want)
	}
}
