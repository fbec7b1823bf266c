package faketwilio

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
)

// sameOrigin refuses what a browser sends on behalf of a page from elsewhere.
var sameOrigin = http.NewCrossOriginProtection()

// guard lets only this machine in, and only under its own names: no credentials are asked for, so a site that the reader visits
// could give its own name this machine's address (DNS rebinding), read all, turn the clock and make the fake post to local ports.
func guard(next http.Handler) http.Handler {
	next = sameOrigin.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if peer, _, err := net.SplitHostPort(r.RemoteAddr); err != nil || !isLoopback(peer) {
			http.Error(w, "the fake's page and control API answer only to the machine that it runs on", http.StatusForbidden)
			return
		}
		if !isLocalName((&url.URL{Host: r.Host}).Hostname()) {
			http.Error(w, fmt.Sprintf("the fake's page and control API are at localhost or 127.0.0.1, not at %q; a request to a "+
				"product of Twilio needs the product's Host header, such as sync.twilio.com", r.Host), http.StatusForbidden)
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
