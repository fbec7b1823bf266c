package retire

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
)

const (
	keyLongLived = "long_lived"
	keyStatus    = "status"
	// maxPrevious bounds what of a value is written into the ledger: these two are a
	// boolean and a word, and anything longer is somebody's data.
	maxPrevious = 64
)

var (
	inactive  = channel.Previous{LongLived: json.RawMessage("false"), Status: json.RawMessage(`"INACTIVE"`)}
	longLived = channel.Previous{LongLived: json.RawMessage("true"), Status: json.RawMessage(`"ACTIVE"`)}
)

func deactivated(p channel.Previous) bool { return same(p, inactive) }

func same(a, b channel.Previous) bool {
	return string(a.LongLived) == string(b.LongLived) && string(a.Status) == string(b.Status)
}

// Previous reads the two attributes that a deactivation sets. A value too long to be one
// of them is replaced by what a long-lived channel has. An error if attributes is not a
// JSON object.
func Previous(attributes string) (channel.Previous, error) {
	members, err := scan(attributes)
	if err != nil {
		return channel.Previous{}, err
	}
	var p channel.Previous
	for _, m := range members { // the last of several equal keys counts, as for every JSON reader
		switch m.key {
		case keyLongLived:
			p.LongLived = bounded(attributes[m.value:m.end], longLived.LongLived)
		case keyStatus:
			p.Status = bounded(attributes[m.value:m.end], longLived.Status)
		}
	}
	return p, nil
}

func bounded(value string, instead json.RawMessage) json.RawMessage {
	if len(value) > maxPrevious {
		return instead
	}
	return json.RawMessage(value)
}

// Merge returns the attributes with the two values set, or removed where nil. Every
// other byte stays: numbers keep their digits, keys their order, text its spacing.
// An error if attributes is not a JSON object.
func Merge(attributes string, to channel.Previous) (string, error) {
	attributes, err := set(attributes, keyLongLived, to.LongLived)
	if err != nil {
		return "", err
	}
	return set(attributes, keyStatus, to.Status)
}

// member is one key and value of a JSON object, by offsets into its text.
type member struct {
	key        string
	start      int // of the key
	value, end int // of the value
}

// scan lists the members of a JSON object.
func scan(object string) ([]member, error) {
	if !json.Valid([]byte(object)) || !strings.HasPrefix(strings.TrimLeft(object, " \t\r\n"), "{") {
		return nil, fmt.Errorf("read attributes: not a JSON object (%d bytes)", len(object))
	}
	decoder := json.NewDecoder(strings.NewReader(object))
	if _, err := decoder.Token(); err != nil {
		return nil, fmt.Errorf("read attributes: %w", err)
	}
	var members []member
	for decoder.More() {
		before := int(decoder.InputOffset())
		key, err := decoder.Token()
		if err != nil {
			return nil, fmt.Errorf("read attributes: %w", err)
		}
		var raw json.RawMessage
		if err := decoder.Decode(&raw); err != nil {
			return nil, fmt.Errorf("read attributes: %w", err)
		}
		end := int(decoder.InputOffset())
		start := before + strings.IndexByte(object[before:], '"')
		members = append(members, member{key: key.(string), start: start, value: end - len(raw), end: end})
	}
	return members, nil
}

// set sets every member of that key, or appends one; it removes them if value is nil.
func set(object, key string, value json.RawMessage) (string, error) {
	if value == nil {
		return remove(object, key)
	}
	members, err := scan(object)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	copied := 0
	for _, m := range members {
		if m.key == key {
			out.WriteString(object[copied:m.value])
			out.Write(value)
			copied = m.end
		}
	}
	if copied == 0 {
		return appendMember(object, key, value, len(members) == 0), nil
	}
	out.WriteString(object[copied:])
	return out.String(), nil
}

// remove cuts every member of that key out, each with one comma.
func remove(object, key string) (string, error) {
	for {
		members, err := scan(object)
		if err != nil {
			return "", err
		}
		i := slices.IndexFunc(members, func(m member) bool { return m.key == key })
		if i < 0 {
			return object, nil
		}
		from, to := members[i].start, members[i].end
		switch {
		case i+1 < len(members):
			to = members[i+1].start
		case i > 0:
			from = members[i-1].end
		}
		object = object[:from] + object[to:]
	}
}

func appendMember(object, key string, value json.RawMessage, empty bool) string {
	brace := strings.LastIndexByte(object, '}')
	body := strings.TrimRight(object[:brace], " \t\r\n")
	comma := ","
	if empty {
		comma = ""
	}
	return fmt.Sprintf("%s%s%q:%s%s", body, comma, key, value, object[len(body):])
}
