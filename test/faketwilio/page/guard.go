package page

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
)

// policy allows the page's own style, script, picture and forms, and nothing else.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// guard lets only this machine in, and only under its own names: otherwise a site that the
// reader visits could give its own name this machine's address (DNS rebinding) and read all.
// Forms of other sites are refused as well.
func guard(next http.Handler) http.Handler {
	next = http.NewCrossOriginProtection().Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range map[string]string{
			"Content-Security-Policy":      policy,
			"X-Content-Type-Options":       "nosniff",
			"Referrer-Policy":              "same-origin",
			"Cross-Origin-Opener-Policy":   "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin",
			"Cache-Control":                "no-store", // what is shown is true only now
		} {
			w.Header().Set(name, value)
		}
		if peer, _, err := net.SplitHostPort(r.RemoteAddr); err != nil || !isLoopback(peer) {
			http.Error(w, "the fake's page answers only to the machine that it runs on", http.StatusForbidden)
			return
		}
		if !isLocalName((&url.URL{Host: r.Host}).Hostname()) {
			http.Error(w, fmt.Sprintf("the fake's page is at localhost or 127.0.0.1, not at %q; a request to a product of Twilio "+
				"needs the product's Host header, such as sync.twilio.com", r.Host), http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func isLoopback(address string) bool {
	ip := net.ParseIP(address)
	return ip != nil && ip.IsLoopback()
}

func isLocalName(host string) bool { return host == "localhost" || isLoopback(host) }
