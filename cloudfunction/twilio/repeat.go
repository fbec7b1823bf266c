package twilio

import (
	"net/http"
	"strings"
)

// repeatable tells whether a request that was answered so may be sent again.
//
// A 429 was never processed and is always safe to repeat
// (https://www.twilio.com/docs/api/errors/20429). After a 5xx or a broken connection
// the request may have taken effect, so it depends on what a second one would do.
func repeatable(req *http.Request, res *http.Response, err error) bool {
	if err == nil && res.StatusCode == http.StatusTooManyRequests {
		return true
	}
	if err == nil && res.StatusCode < http.StatusInternalServerError {
		return false
	}
	return safeTwice(req)
}

// safeTwice tells whether the request may be processed twice.
func safeTwice(req *http.Request) bool {
	switch req.Method {
	case http.MethodGet:
		return true // reads
	case http.MethodDelete:
		return true // the second one finds nothing: 404, which counts as done
	}
	product, _, _ := strings.Cut(req.URL.Host, ".")
	switch product {
	case "sync":
		// An update carries If-Match, so the second one is refused with 412; a create
		// carries a unique name, so the second one is refused with 409. Both make the
		// caller read again and find its own write.
		return req.Header.Get("If-Match") != "" || strings.HasSuffix(req.URL.Path, "/Documents")
	case "conversations", "flex-api":
		return true // sets a final state; the second one is refused (50377) or changes nothing
	}
	// A chat channel's attributes are replaced as a whole: by the time of a second
	// request another writer's change may be there to be lost. The caller fetches again.
	return false
}
