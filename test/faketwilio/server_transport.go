package faketwilio

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"syscall"
)

// Transport returns a RoundTripper that serves every product of Twilio in process, with no connection. Requests to other hosts
// are refused: a test must not reach the internet by accident.
func (s *Server) Transport() http.RoundTripper { return inProcess{s} }

type inProcess struct{ server *Server }

// RoundTrip serves one request. A reset connection is a *net.OpError, as the real one is; a hang lasts until the request's
// context ends.
func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer r.Body.Close()
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	host := r.Host
	if host == "" {
		host = r.URL.Host
	}
	product, bare, ok := productOf(host)
	if !ok {
		return nil, fmt.Errorf("fake Twilio serves no host %q", host)
	}
	out := t.server.exchange(r, product, bare)
	switch out.outcome {
	case outcomeHang:
		<-r.Context().Done()
		return nil, r.Context().Err()
	case outcomeReset:
		return nil, &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	}
	// A request that was given up while it was served has taken effect, but its sender does not hear of it.
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return out.response(r), nil
}

// response makes an http.Response of an answer.
func (a answer) response(r *http.Request) *http.Response {
	header := http.Header{}
	for name, value := range a.header {
		header.Set(name, value)
	}
	return &http.Response{
		Status:        strconv.Itoa(a.status) + " " + http.StatusText(a.status),
		StatusCode:    a.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        header,
		Body:          io.NopCloser(bytes.NewReader(a.body)),
		ContentLength: int64(len(a.body)),
		Request:       r,
	}
}
