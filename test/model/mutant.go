package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/eventstream"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
	"github.com/flexsweep/flexsweep/cloudfunction/retire"
	"github.com/flexsweep/flexsweep/cloudfunction/sweep"
)

// mutant is the code that ships with one guard taken out, by something put between its
// parts. A checker that finds no violation in it cannot see what the guard is for.
type mutant struct {
	name     string
	guard    string // what is taken out
	scenario string // where the lack must show

	webhookTransport, sweepTransport func(http.RoundTripper) http.RoundTripper
	webhookRecords                   func(eventstream.Records, []report) eventstream.Records
	sweepRecords                     func(sweep.Records) sweep.Records
	retirer                          func(sweep.Retirer) sweep.Retirer
	noQuiet                          bool
}

// or returns the mutant, or one with nothing taken out for nil.
func (m *mutant) or() mutant {
	if m == nil {
		return mutant{}
	}
	return *m
}

// try explores the mutant's scenario until an invariant breaks.
func (m *mutant) try() mutation {
	s, found := find(m.scenario)
	if !found {
		panic("model: mutant " + m.name + " has no scenario " + m.scenario)
	}
	return mutation{Name: m.name, Guard: m.guard, Caught: explore(prepare(s, m), newTable(), true).result.violation}
}

var mutants = []mutant{
	{
		name: "claim-if-match", guard: "If-Match on the claim", scenario: "late-reply/chat/1x1/1",
		sweepTransport: unconditional(func(r record) bool { return r.Status == "retiring" && r.Claim != nil && !r.Claim.Done }),
	},
	{
		name: "settle-if-match", guard: "If-Match on settling", scenario: "late-reply/chat/1x1/1",
		sweepTransport: unconditional(func(r record) bool { return r.Status == "retired" }),
	},
	{
		name: "restore-if-match", guard: "If-Match when the record of a restored channel is put right", scenario: "reopened-after/chat/1x1/1",
		sweepTransport: unconditional(func(r record) bool { return r.Status == "tracking" }),
	},
	{
		name: "webhook-if-match", guard: "If-Match on the webhook's save", scenario: "late-reply/chat/1x1/1",
		webhookTransport: unconditional(func(record) bool { return true }),
	},
	{
		name: "undo", guard: "the undo", scenario: "late-reply/chat/1x1/1",
		retirer: func(r sweep.Retirer) sweep.Retirer { return noUndo{r} },
	},
	{
		name: "join", guard: "the join's max: the last event wins", scenario: "first-contact/chat/2x1/1",
		webhookRecords: func(r eventstream.Records, reports []report) eventstream.Records { return lastWins{r, reports} },
	},
	{
		name: "lease", guard: "the claim's lease", scenario: "late-reply/chat/1x2/1",
		sweepRecords: func(r sweep.Records) sweep.Records { return noLease{r} },
	},
	{
		name: "restore-claim", guard: "the claim before a channel is put back", scenario: "reopened-after/chat/1x2/1",
		sweepRecords: func(r sweep.Records) sweep.Records { return noRestoreClaim{r} },
	},
	{
		name: "evidence", guard: "the evidence that an event leaves in the record", scenario: "late-reply/chat/1x1/1",
		webhookRecords: func(r eventstream.Records, _ []report) eventstream.Records { return noEvidence{r} },
	},
	{
		name: "retry", guard: "the second try of a save that met another revision", scenario: "late-reply/chat/1x1/1",
		webhookRecords: func(r eventstream.Records, _ []report) eventstream.Records { return noRetry{r} },
	},
	{
		name: "quiet", guard: "the quiet period", scenario: "customer-writes/conversations/1x1/1",
		noQuiet: true,
	},
}

// unconditional drops If-Match from the updates of such records.
func unconditional(such func(record) bool) func(http.RoundTripper) http.RoundTripper {
	return func(next http.RoundTripper) http.RoundTripper { return dropping{next, such} }
}

type dropping struct {
	next http.RoundTripper
	such func(record) bool
}

func (d dropping) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Header.Get("If-Match") == "" {
		return d.next.RoundTrip(request)
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	request = request.Clone(request.Context())
	request.Body = io.NopCloser(bytes.NewReader(body))
	if d.such(view{document: form.Get("Data")}.record()) {
		request.Header.Del("If-Match")
	}
	return d.next.RoundTrip(request)
}

// noUndo says that it put the channel back, and does nothing.
type noUndo struct{ sweep.Retirer }

func (noUndo) Restore(context.Context, channel.Record) (retire.Restoration, error) {
	return retire.Restored, nil
}

// lastWins hides what is known of a task from the event that tells of it.
type lastWins struct {
	eventstream.Records
	reports []report
}

func (l lastWins) Load(ctx context.Context, sid string) (ledger.Entry, error) {
	entry, err := l.Records.Load(ctx, sid)
	for _, r := range l.reports {
		delete(entry.Record.Tasks, taskSID(r.task))
	}
	return entry, err
}

// noLease shows a sweep every claim as one of long ago.
type noLease struct{ sweep.Records }

func (n noLease) ReadPage(ctx context.Context, place ledger.Place, now time.Time) (ledger.Page, error) {
	page, err := n.Records.ReadPage(ctx, place, now)
	for _, entry := range page.Entries {
		if entry.Record.Claim != nil {
			entry.Record.Claim.Time = time.Time{}
		}
	}
	return page, err
}

// noRestoreClaim only pretends to write a claim that is made to put a channel back.
type noRestoreClaim struct{ sweep.Records }

func (n noRestoreClaim) Save(ctx context.Context, e ledger.Entry, ttl ledger.TTL) (ledger.Entry, error) {
	if e.Record.Status == channel.Tracking && e.Record.Claim != nil && !e.Record.Claim.Done {
		return e, nil
	}
	return n.Records.Save(ctx, e, ttl)
}

// noEvidence forgets the claim and the retirement when an event makes a record tracking.
type noEvidence struct{ eventstream.Records }

func (n noEvidence) Save(ctx context.Context, e ledger.Entry, ttl ledger.TTL) (ledger.Entry, error) {
	if e.Record.Status == channel.Tracking {
		e.Record.Claim, e.Record.Retirement = nil, nil
	}
	return n.Records.Save(ctx, e, ttl)
}

// noRetry takes a refused save for a done one.
type noRetry struct{ eventstream.Records }

func (n noRetry) Save(ctx context.Context, e ledger.Entry, ttl ledger.TTL) (ledger.Entry, error) {
	saved, err := n.Records.Save(ctx, e, ttl)
	if err != nil {
		return e, nil
	}
	return saved, nil
}
