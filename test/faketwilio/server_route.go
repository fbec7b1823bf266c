package faketwilio

import (
	"net/url"
	"regexp"
	"strings"
)

// Products of Twilio, by the first label of their host names.
const (
	productSync          = "sync"
	productChat          = "chat"
	productConversations = "conversations"
	productFlex          = "flex-api"
	productTaskRouter    = "taskrouter"
	productEvents        = "events"
)

// hostPattern is a product's host, with or without an edge and a region.
var hostPattern = regexp.MustCompile(`^(sync|chat|conversations|flex-api|taskrouter|events)(\.[a-z0-9-]+){0,2}\.twilio\.com$`)

// productOf returns the product that a Host header names, and the host without its port.
func productOf(host string) (product, bare string, ok bool) {
	bare, _, _ = strings.Cut(strings.ToLower(host), ":")
	match := hostPattern.FindStringSubmatch(bare)
	if match == nil {
		return "", bare, false
	}
	return match[1], bare, true
}

// endpoint serves one route. It runs with s.mu held and returns a body that nothing changes afterwards.
type endpoint func(s *Server, c *call) (reply, error)

// route is one method and path of one product.
type route struct {
	product, method, pattern string
	segments                 []string // "{Name}" for a variable
	serve                    endpoint
	key                      string // of the counters
}

// router finds routes by product and number of path segments.
type router map[routeSet][]*route

type routeSet struct {
	product string
	length  int
}

// handle adds a route.
func (r router) handle(product, method, pattern string, serve endpoint) {
	segments := strings.Split(pattern[1:], "/")
	set := routeSet{product, len(segments)}
	r[set] = append(r[set], &route{
		product: product, method: method, pattern: pattern, segments: segments, serve: serve,
		key: method + " " + product + ".twilio.com" + pattern,
	})
}

// match returns the route of a request and the values of its variables, unescaped, in the order of the pattern. pathKnown tells
// that another method would have matched.
func (r router) match(product, method, path string) (match *route, vars []string, pathKnown bool) {
	segments := strings.Split(strings.TrimPrefix(path, "/"), "/")
	for _, candidate := range r[routeSet{product, len(segments)}] {
		values, ok := candidate.bind(segments)
		if !ok {
			continue
		}
		if candidate.method == method {
			return candidate, values, true
		}
		pathKnown = true
	}
	return nil, nil, pathKnown
}

func (r *route) bind(segments []string) ([]string, bool) {
	var values []string
	for i, want := range r.segments {
		if want[0] != '{' {
			if want != segments[i] {
				return nil, false
			}
			continue
		}
		value, err := url.PathUnescape(segments[i])
		if err != nil || value == "" {
			return nil, false
		}
		values = append(values, value)
	}
	return values, true
}
