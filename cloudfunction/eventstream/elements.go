package eventstream

import (
	"bytes"
	"errors"
	"iter"
)

var errNoBatch = errors.New("the body is not a JSON array of events")

// elements yields the events of a body one by one, as the bytes of each: the elements of an
// array, or the only one that is not in an array. A body that breaks off, or goes on after
// its end, yields an error last, after what could be read.
//
// It finds out where each ends, by its brackets and quotes, and no more: so memory does not
// grow with the number of events, and one that is no JSON, or nested deeper than
// encoding/json goes, costs none of the others.
func elements(body []byte) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		t := jsonText{blank(body)}
		single := t.at('{')
		if !single && !t.skip('[') {
			yield(nil, errNoBatch)
			return
		}
		for more := single || !t.at(']'); more; more = !single && t.skip(',') {
			element := t.value()
			if len(element) == 0 {
				yield(nil, errNoBatch)
				return
			}
			if !yield(element, nil) {
				return
			}
		}
		if !single && !t.skip(']') || len(t.rest) > 0 {
			yield(nil, errNoBatch)
		}
	}
}

// jsonText is what remains to be read of a JSON text; it never begins with white space.
type jsonText struct{ rest []byte }

func (t *jsonText) at(c byte) bool { return len(t.rest) > 0 && t.rest[0] == c }

func (t *jsonText) skip(c byte) bool {
	if !t.at(c) {
		return false
	}
	t.rest = blank(t.rest[1:])
	return true
}

// value takes the value at the front: up to its closing bracket or quote, or up to what
// cannot belong to a number or a word. Empty if it breaks off, or there is none.
func (t *jsonText) value() []byte {
	depth, inString := 0, false
	for i := 0; i < len(t.rest); i++ {
		switch c := t.rest[i]; {
		case inString && c == '\\':
			i++ // whatever is escaped ends nothing
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			depth++
		case depth > 0 && (c == '}' || c == ']'):
			depth--
		case depth == 0 && bytes.IndexByte([]byte(",]} \t\r\n"), c) >= 0:
			return t.take(i)
		default:
			continue
		}
		if depth == 0 && !inString {
			return t.take(i + 1)
		}
	}
	return nil
}

func (t *jsonText) take(n int) []byte {
	taken := t.rest[:n:n]
	t.rest = blank(t.rest[n:])
	return taken
}

// blank returns b without leading white space, as JSON knows it.
func blank(b []byte) []byte { return bytes.TrimLeft(b, " \t\r\n") }
