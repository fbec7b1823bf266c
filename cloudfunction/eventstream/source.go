package eventstream

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// fromAny tells whether the request comes from one of the ranges.
func fromAny(ranges []netip.Prefix, r *http.Request) bool {
	source := sourceOf(r)
	for _, prefix := range ranges {
		if prefix.Contains(source) {
			return true
		}
	}
	return false
}

// sourceOf returns the address that the request was sent from; invalid if there is none.
//
// At a function's own URL Google's front end is what the caller is connected to, and it
// puts the caller's address at the end of X-Forwarded-For
// (https://cloud.google.com/functions/docs/reference/headers). Whatever stands before it
// came with the request, so only the last entry is believed. Behind a load balancer of
// one's own the last entry is that load balancer's, and the ranges belong into its rules
// instead. Without the header nobody is in between, as on a developer's machine.
func sourceOf(r *http.Request) netip.Addr {
	text, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		text = r.RemoteAddr
	}
	if forwarded := r.Header.Values("X-Forwarded-For"); len(forwarded) > 0 {
		text = forwarded[len(forwarded)-1]
		text = strings.TrimSpace(text[strings.LastIndexByte(text, ',')+1:])
	}
	address, _ := netip.ParseAddr(text)
	return address.Unmap()
}
