package channel

// Disposition is how a channel is retired.
type Disposition string

const (
	Deactivate Disposition = "deactivate" // chat: long_lived=false, status=INACTIVE; can be undone
	Close      Disposition = "close"      // conversation: state closed, which is final
	Delete     Disposition = "delete"     // either: gone with its history, which is final
)

// Final reports whether the disposition cannot be undone. One that is not known counts as final.
func (d Disposition) Final() bool {
	switch d {
	case Deactivate:
		return false
	case Close, Delete:
		return true
	}
	return true
}

// Fits reports whether a channel of the backend can be retired so.
func (d Disposition) Fits(b Backend) bool {
	switch d {
	case Deactivate:
		return b == Chat
	case Close:
		return b == Conversations
	case Delete:
		return b == Chat || b == Conversations
	}
	return false
}
