package channel

import (
	"slices"
	"strings"
)

// Other is the channel type of everything that is not in the list of [Types].
const Other = "other"

// types are the channel types that Flex names, of interactions and of legacy messaging
// (https://www.twilio.com/docs/flex/developer/conversations/interactions-api/interactions).
// The list is closed, since anything can stand in a task's attributes, a phone number too.
var types = []string{"chat", "email", "gbm", "messenger", Other, "rcs", "sms", "voice", "web", "whatsapp"}

// Types returns every channel type, sorted.
func Types() []string { return slices.Clone(types) }

// IsType reports whether text is one of [Types].
func IsType(text string) bool { return slices.Contains(types, text) }

// TypeOf returns the channel type that an attribute names, in any case, or [Other]; none
// ("") for an empty text.
func TypeOf(text string) string {
	text = strings.ToLower(strings.TrimSpace(text))
	if text == "" || IsType(text) {
		return text
	}
	return Other
}

// Word says how well it is known that a channel belongs to a backend.
type Word string

const (
	Unsaid  Word = ""        // no task says so
	Said    Word = "said"    // the attributes of some task say so
	Created Word = "created" // so did the created event of a task, or an older flexsweep took it as known
)

func (w Word) rank() int { return slices.Index([]Word{Unsaid, Said, Created}, w) }

func (w Word) or(o Word) Word {
	if o.rank() > w.rank() {
		return o
	}
	return w
}

// Named is what tasks say of the backend of a channel.
type Named struct {
	Chat          Word `json:"chat,omitempty"`
	Conversations Word `json:"conversations,omitempty"`
}

func (n Named) with(b Backend, w Word) Named {
	switch b {
	case Chat:
		n.Chat = n.Chat.or(w)
	case Conversations:
		n.Conversations = n.Conversations.or(w)
	}
	return n
}

// backend returns the backend that counts: what created events say before what others say,
// and among equals chat, whose retirement can be undone.
func (n Named) backend() Backend {
	if n.Conversations.rank() > n.Chat.rank() {
		return Conversations
	}
	return Chat
}
