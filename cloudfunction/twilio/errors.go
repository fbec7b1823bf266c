package twilio

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/twilio/twilio-go/client"
)

// Codes that flexsweep tells apart beyond the HTTP status.
const (
	// CodeConversationClosed: closed is final, so the update came too late or twice
	// (https://www.twilio.com/docs/api/errors/50377).
	CodeConversationClosed = 50377
)

// Error is a request that Twilio refused, or that got no answer (Status 0).
// Its text leaves Twilio's message out: that may repeat what the request contained.
type Error struct {
	Operation string // what was being done, to which kind of thing: "fetch channel"
	Status    int    // HTTP
	Code      int    // Twilio's, 0 if the answer had none
	Err       error
}

func (e *Error) Error() string {
	switch {
	case e.Status == 0:
		return fmt.Sprintf("%s: no answer from Twilio: %v", e.Operation, e.Err)
	case e.Code == 0:
		return fmt.Sprintf("%s: HTTP %d from Twilio", e.Operation, e.Status)
	default:
		return fmt.Sprintf("%s: HTTP %d, code %d (https://www.twilio.com/docs/api/errors/%d)", e.Operation, e.Status, e.Code, e.Code)
	}
}

func (e *Error) Unwrap() error { return e.Err }

// Wrap returns err as an [Error] of the operation, or nil for nil.
func Wrap(operation string, err error) error {
	if err == nil {
		return nil
	}
	var rest *client.TwilioRestError
	if errors.As(err, &rest) {
		return &Error{Operation: operation, Status: rest.Status, Code: rest.Code, Err: err}
	}
	return &Error{Operation: operation, Err: err}
}

// Status returns the HTTP status of Twilio's refusal in err, or 0.
func Status(err error) int {
	var e *Error
	if errors.As(err, &e) {
		return e.Status
	}
	return 0
}

// Code returns Twilio's error code in err, or 0.
func Code(err error) int {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return 0
}

// IsGone tells whether Twilio does not know the resource. Which code stands for it
// differs by product and is not documented for all, so the status decides.
func IsGone(err error) bool { return Status(err) == http.StatusNotFound }

// IsChanged tells whether a conditional update met another revision (412), whichever
// of 54103 and 20412 the body says.
func IsChanged(err error) bool { return Status(err) == http.StatusPreconditionFailed }

// IsTaken tells whether a resource of that unique name exists (409, Sync's 54301).
func IsTaken(err error) bool { return Status(err) == http.StatusConflict }
