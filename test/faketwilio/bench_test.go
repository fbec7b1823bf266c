package faketwilio

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
)

// benchLedger makes a server with 10,000 documents and returns a request for one of them.
func benchLedger(b *testing.B, documents int) (*Server, func(n int, method string) *http.Request) {
	b.Helper()
	s := New(Options{JournalBodies: -1})
	service := s.NewSyncService("ledger")
	credentials := s.Credentials()
	address := "http://sync.twilio.com/v1/Services/" + service + "/Documents"
	request := func(n int, method string) *http.Request {
		body, path := "", fmt.Sprintf("%s/d%d", address, n%max(documents, 1))
		if method == "POST" {
			body = "Data=" + url.QueryEscape(`{"channel":"CH00000000000000000000000000000000","status":"tracking"}`)
		}
		r, err := http.NewRequest(method, path, strings.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.SetBasicAuth(credentials.APIKey, credentials.APISecret)
		return r
	}
	for n := range documents {
		r := request(n, "POST")
		r.URL, _ = url.Parse(address)
		r.Body = io.NopCloser(strings.NewReader(fmt.Sprintf("UniqueName=d%d&Data={}", n)))
		response, err := s.Transport().RoundTrip(r)
		if err != nil || response.StatusCode != 201 {
			b.Fatalf("make document: %v, %v", response, err)
		}
	}
	s.Journal().Reset()
	return s, request
}

// BenchmarkHTTP measures requests a second over HTTP on the loopback interface, client included: one update for each fetch.
func BenchmarkHTTP(b *testing.B) {
	s, request := benchLedger(b, 10_000)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }()
	defer server.Close()
	transport := &http.Transport{
		MaxIdleConnsPerHost: 64,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", listener.Addr().String())
		},
	}
	benchmark(b, transport, request)
}

// BenchmarkInProcess measures the same without a connection.
func BenchmarkInProcess(b *testing.B) {
	s, request := benchLedger(b, 10_000)
	benchmark(b, s.Transport(), request)
}

func benchmark(b *testing.B, transport http.RoundTripper, request func(n int, method string) *http.Request) {
	b.Helper()
	b.ReportAllocs()
	b.SetParallelism(8)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for n := 0; pb.Next(); n++ {
			response, err := transport.RoundTrip(request(n*7919, []string{"GET", "POST"}[n%2]))
			if err != nil {
				b.Error(err)
				return
			}
			if _, err := io.Copy(io.Discard, response.Body); err != nil || response.StatusCode != 200 {
				b.Errorf("answered %s, %v", response.Status, err)
			}
			response.Body.Close()
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
}

// BenchmarkListPage measures one page of 100 from the middle of ledgers of different sizes: it must cost the same.
func BenchmarkListPage(b *testing.B) {
	for _, size := range []int{1_000, 100_000} {
		b.Run(fmt.Sprintf("documents=%d", size), func(b *testing.B) {
			s, request := benchLedger(b, size)
			page := request(0, "GET")
			page.URL.Path = page.URL.Path[:strings.LastIndex(page.URL.Path, "/")]
			page.URL.RawQuery = "PageSize=100&Page=5&PageToken=PN" + strconv.FormatUint(500, 36)
			b.ReportAllocs()
			for b.Loop() {
				response, err := s.Transport().RoundTrip(page)
				if err != nil || response.StatusCode != 200 {
					b.Fatalf("answered %v, %v", response, err)
				}
			}
		})
	}
}
