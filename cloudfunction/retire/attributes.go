package retire

import (
	"bytes"
	"encoding/json"
	"fmt"
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

func deactivated(p channel.Previous) bool {
	return string(p.LongLived) == string(inactive.LongLived) && string(p.Status) == string(inactive.Status)
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

// set sets every member of that key, or removes them if value is nil, or appends one.
func set(object, key string, value json.RawMessage) (string, error) {
	members, err := scan(object)
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	copied, found := 0, false
	for i, m := range members {
		if m.key != key {
			continue
		}
		found = true
		if value == nil {
			from, to := span(members, i)
			out.WriteString(object[copied:max(copied, from)])
			copied = max(copied, to)
			continue
		}
		out.WriteString(object[copied:m.value])
		out.Write(value)
		copied = m.end
	}
	out.WriteString(object[copied:])
	if found || value == nil {
		return out.String(), nil
	}
	return appendMember(object, key, value, len(members) == 0), nil
}

// span is what goes with the member at i: itself and one comma.
func span(members []member, i int) (from, to int) {
	if i+1 < len(members) {
		return members[i].start, members[i+1].start
	}
	if i > 0 {
		return members[i-1].end, members[i].end
	}
	return members[i].start, members[i].end
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
