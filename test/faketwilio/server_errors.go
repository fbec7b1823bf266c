package faketwilio

import (
	"fmt"
	"net/http"
	"strconv"
)

// Error codes of Twilio, see https://www.twilio.com/docs/api/errors.
const (
	codeInvalidParameter  = 20001
	codeAuthenticate      = 20003
	codeMethodNotAllowed  = 20004
	codeNotFound          = 20404
	codePrecondition      = 20412
	codeTooManyRequests   = 20429
	codeServer            = 20500
	codeInvalidIfMatch    = 54003
	codeTooLarge          = 54006
	codeSyncRate          = 54009
	codeNoParameters      = 54010
	codeInvalidTTL        = 54011
	codeSyncService       = 54050
	codeDocument          = 54100
	codeDocumentRevision  = 54103
	codeUniqueNameExists  = 54301
	codeUniqueNameInvalid = 54302

	codeIdentityLimit           = 50214
	codeChatChannel             = 50300
	codeChatAttributesLong      = 50303
	codeChatUniqueNameSID       = 50306
	codeChatUniqueNameExists    = 50307
	codeConversation            = 50350
	codeConversationNameExists  = 50353
	codeConversationClosed      = 50377
	codeConversationTimerState  = 50382
	codeConversationBornClosed  = 50384
	codeConversationNameSID     = 50390
	codeConversationBindingUsed = 50416
)

// apiError is an answer that is not a success, in Twilio's form.
type apiError struct {
	Status  int
	Code    int
	Message string
}

func (e *apiError) Error() string { return fmt.Sprintf("%d/%d: %s", e.Status, e.Code, e.Message) }

// fail makes an error answer.
func fail(status, code int, format string, args ...any) *apiError {
	return &apiError{Status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

// invalid is the answer to a parameter that cannot be used.
func invalid(format string, args ...any) *apiError {
	return fail(http.StatusBadRequest, codeInvalidParameter, format, args...)
}

// notFound is a 404 with the product's own code, or 20404 if the server is told so.
func (s *Server) notFound(code int, c *call) *apiError {
	if s.options.Unverified.GenericNotFound {
		code = codeNotFound
	}
	return fail(http.StatusNotFound, code, "The requested resource %s was not found", c.path)
}

// precondition is a 412 with the product's own code, or 20412 if the server is told so.
func (s *Server) precondition(code int) *apiError {
	if s.options.Unverified.GenericPrecondition {
		code = codePrecondition
	}
	return fail(http.StatusPreconditionFailed, code, "The revision of the resource does not match the expected revision")
}

// errorBody is the JSON of an error answer.
type errorBody struct {
	Code     int    `json:"code"`
	Message  string `json:"message"`
	MoreInfo string `json:"more_info"`
	Status   int    `json:"status"`
}

func (e *apiError) reply() reply {
	out := reply{status: e.Status, body: errorBody{
		Code:     e.Code,
		Message:  e.Message,
		MoreInfo: "https://www.twilio.com/docs/errors/" + strconv.Itoa(e.Code),
		Status:   e.Status,
	}}
	if e.Status == http.StatusUnauthorized {
		out = out.with("WWW-Authenticate", `Basic realm="Twilio API"`) // as in public transcripts of api.twilio.com
	}
	return out
}
