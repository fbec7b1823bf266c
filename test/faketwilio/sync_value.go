package faketwilio

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Limits of Sync objects.
const (
	maxSyncData = 16 << 10   // bytes of JSON [docs sync/limits]
	maxTTL      = 31_536_000 // seconds: a year [docs api/errors/54011]
)

// syncValue is what documents and map items have in common.
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

// matches checks an If-Match header, if there is one. mismatch is the error code of another revision.
func (s *Server) matches(c *call, revision string, mismatch int) error {
	values, sent := c.header["If-Match"]
	if !sent {
		return nil
	}
	want := strings.Trim(strings.TrimPrefix(values[0], "W/"), `"`)
	switch {
	case want == "" || strings.ContainsAny(want, " ,\""):
		return fail(http.StatusBadRequest, codeInvalidIfMatch, "Invalid If-Match header")
	case want == "*" || want == revision:
		return nil
	}
	return s.precondition(mismatch)
}

// readData reads a JSON parameter. Twilio measures the size of the JSON that it stores.
func (c *call) readData(name string) (json.RawMessage, error) {
	text, sent := c.get(name)
	if !sent || text == "" {
		return nil, nil
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(text)); err != nil {
		return nil, invalid("%s is not valid JSON", name)
	}
	if compact.Len() > maxSyncData {
		return nil, fail(http.StatusRequestEntityTooLarge, codeTooLarge, "Request entity too large")
	}
	return compact.Bytes(), nil
}

// readTTL reads a time to live. sent tells whether the parameter was there; an empty value or 0 means no expiry.
func (c *call) readTTL(name string) (expires time.Time, sent bool, err error) {
	text, sent := c.get(name)
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

// syncObjects is a name space of documents or maps: found by SID or by unique name, listed in order of creation.
type syncObjects[T any] struct {
	list  collection[T]
	byKey map[string]T
}

func newSyncObjects[T any]() syncObjects[T] { return syncObjects[T]{byKey: map[string]T{}} }

// add puts an object in, under its SID and, unless it is empty, its name.
func (o *syncObjects[T]) add(object T, sid, name string) uint64 {
	o.byKey[sid] = object
	if name != "" {
		o.byKey[name] = object
	}
	return o.list.add(object)
}

// remove takes an object out.
func (o *syncObjects[T]) remove(seq uint64, sid, name string) {
	o.list.remove(seq)
	delete(o.byKey, sid)
	delete(o.byKey, name)
}
