package retire

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
)

const (
	keyLongLived = "long_lived"
	keyStatus    = "status"
	// maxFound bounds what of a value is written into the ledger: these two are a
	// boolean and a word, and anything longer is somebody's data.
	maxFound = 64
)

// Read reads the two attributes that a deactivation sets, as the text that stands there. Of
// several equal keys the last counts, as for every JSON reader. [ErrUnreadable] if attributes
// is not a JSON object, or holds a value that is too long to be one of them.
func Read(attributes string) (channel.Found, error) {
	members, err := scan(attributes)
	if err != nil {
		return channel.Found{}, err
	}
	var found channel.Found
	for _, m := range members {
		value := attributes[m.value:m.end]
		switch m.key {
		case keyLongLived:
			found.LongLived = &value
		case keyStatus:
			found.Status = &value
		}
	}
	for _, value := range []*string{found.LongLived, found.Status} {
		if value != nil && len(*value) > maxFound {
			return channel.Found{}, fmt.Errorf("%w: %s or %s has %d bytes", ErrUnreadable, keyLongLived, keyStatus, len(*value))
		}
	}
	return found, nil
}

// Merge returns the attributes with the two values set, or removed where nil. Every
// other byte stays: numbers keep their digits, keys their order, text its spacing. So
// merging what was read before gives the very text of before. [ErrUnreadable] if attributes
// is not a JSON object.
func Merge(attributes string, to channel.Found) (string, error) {
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
		return nil, fmt.Errorf("%w: they are no JSON object (%d bytes)", ErrUnreadable, len(object))
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

// set sets the last member of that key, which is the one that counts, or appends one; it
// removes the last one if value is nil.
func set(object, key string, value *string) (string, error) {
	members, err := scan(object)
	if err != nil {
		return "", err
	}
	at := -1
	for i, m := range members {
		if m.key == key {
			at = i
		}
	}
	switch {
	case value == nil && at < 0:
		return object, nil
	case value == nil:
		return cut(object, members, at), nil
	case at < 0:
		return appendMember(object, key, *value, len(members) == 0), nil
	}
	return object[:members[at].value] + *value + object[members[at].end:], nil
}

// cut takes one member out, with one comma.
func cut(object string, members []member, at int) string {
	from, to := members[at].start, members[at].end
	switch {
	case at > 0:
		from = members[at-1].end
	case len(members) > 1:
		to = members[1].start
	}
	return object[:from] + object[to:]
}

func appendMember(object, key, value string, empty bool) string {
	brace := strings.LastIndexByte(object, '}')
	body := strings.TrimRight(object[:brace], " \t\r\n")
	comma := ","
	if empty {
		comma = ""
	}
	return fmt.Sprintf("%s%s%q:%s%s", body, comma, key, value, object[len(body):])
}
