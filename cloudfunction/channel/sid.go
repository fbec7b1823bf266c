package channel

// IsSID tells whether text is a Twilio SID of the kind, such as CH: its two letters and
// 32 lower-case hexadecimal digits (https://www.twilio.com/docs/glossary/what-is-a-sid).
func IsSID(text, kind string) bool {
	if len(text) != len(kind)+32 || text[:len(kind)] != kind {
		return false
	}
	for _, c := range []byte(text[len(kind):]) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
