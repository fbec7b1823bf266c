package faketwilio

import (
	"bytes"
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Limits of Sync objects.
const (
	maxSyncData = 16 << 10   // bytes of JSON [docs sync/limits]
	maxTTL      = 31_536_000 // seconds: a year [docs api/errors/54011]
)

// syncValue is what a document holds.
type syncValue struct {
	data             json.RawMessage // compact, and never changed in place
	revision         uint64
	created, updated time.Time
	expires          time.Time // zero: never
}

// expired tells whether the object is gone. Twilio collects expired objects late; lag says how late.
func (v *syncValue) expired(now time.Time, lag time.Duration) bool {
	return !v.expires.IsZero() && !now.Before(v.expires.Add(lag))
}

// revisionText is the revision as clients see it: opaque, so it is not written in decimal.
func (v *syncValue) revisionText() string { return strconv.FormatUint(v.revision, 16) }

// etag is the value of the ETag header.
func (s *Server) etag(revision string) string {
	if s.options.Unverified.BareETag {
		return revision
	}
	return `"` + revision + `"`
}

// revisionPattern is the form of revisions, and of tasks' versions.
var revisionPattern = regexp.MustCompile(`^[0-9a-f]{1,16}$`)

// matches checks an If-Match header, if there is one. mismatch is the error code of another revision.
func (s *Server) matches(c *call, revision string, mismatch int) error {
	values, sent := c.header["If-Match"]
	if !sent {
		return nil
	}
	want := strings.Trim(strings.TrimPrefix(values[0], "W/"), `"`)
	switch {
	case want != "*" && !revisionPattern.MatchString(want):
		return fail(http.StatusBadRequest, codeInvalidIfMatch, "Invalid If-Match header")
	case want == "*" || want == revision:
		return nil
	}
	return s.precondition(mismatch)
}

// readData reads the Data parameter. Twilio measures the size of the JSON that it stores.
func (c *call) readData() (json.RawMessage, error) {
	text, sent := c.get("Data")
	if !sent || text == "" {
		return nil, nil
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(text)); err != nil {
		return nil, invalid("Data is not valid JSON")
	}
	if compact.Len() > maxSyncData {
		return nil, fail(http.StatusRequestEntityTooLarge, codeTooLarge, "Request entity too large")
	}
	return compact.Bytes(), nil
}

// readTTL reads the Ttl parameter. sent tells whether the parameter was there; an empty value or 0 means no expiry.
func (c *call) readTTL() (expires time.Time, sent bool, err error) {
	text, sent := c.get("Ttl")
	if !sent || text == "" || text == "0" {
		return time.Time{}, sent, nil
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil || seconds < 0 || seconds > maxTTL {
		return time.Time{}, true, fail(http.StatusBadRequest, codeInvalidTTL, "Invalid TTL: must be between 0 and %d", maxTTL)
	}
	return c.now.Add(time.Duration(seconds) * time.Second), true, nil
}

// readUniqueName reads the name of a new object, which may be left out.
func (c *call) readUniqueName() (string, error) {
	name, sent := c.get("UniqueName")
	if sent && (name == "" || len(name) > 256 || sidPattern.MatchString(name)) {
		return "", fail(http.StatusBadRequest, codeUniqueNameInvalid,
			"Invalid unique name: 1 to 256 characters, and not in the form of a SID")
	}
	return name, nil
}

// syncObjects is a name space of documents: found by SID or by unique name, listed in order of creation.
type syncObjects struct {
	list  collection[*document]
	byKey map[string]*document
}

func newSyncObjects() syncObjects { return syncObjects{byKey: map[string]*document{}} }

// add puts a document in, under its SID and, unless it is empty, its name.
func (o *syncObjects) add(d *document) {
	o.byKey[d.sid] = d
	if d.uniqueName != "" {
		o.byKey[d.uniqueName] = d
	}
	d.seq = o.list.add(d)
}

// remove takes a document out.
func (o *syncObjects) remove(d *document) {
	o.list.remove(d.seq)
	delete(o.byKey, d.sid)
	delete(o.byKey, d.uniqueName)
}
