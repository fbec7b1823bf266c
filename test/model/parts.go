package main

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/eventstream"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
	"github.com/flexsweep/flexsweep/cloudfunction/retire"
	"github.com/flexsweep/flexsweep/cloudfunction/sweep"
	"github.com/flexsweep/flexsweep/cloudfunction/taskrouter"
	"github.com/flexsweep/flexsweep/cloudfunction/twilio"
)

// quiet is the default quiet period.
const quiet = 10 * time.Minute

// parts puts the code that ships together, whole or with a guard taken out.
type parts struct {
	*world
	transport http.RoundTripper
	mutant    *mutant // nil: whole
}

// client is as the root package makes it, without pauses and without a rate.
func (p parts) client(attempts int, mutate func(http.RoundTripper) http.RoundTripper) *twilio.Client {
	transport := p.transport
	if mutate != nil {
		transport = mutate(transport)
	}
	return twilio.New(twilio.Config{
		AccountSID: p.account, Username: p.account, Password: p.token, Transport: transport,
		RequestsPerSecond: 1e12, AttemptTimeout: time.Hour, Attempts: attempts,
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }, Jitter: func() float64 { return 0 },
	})
}

func (p parts) ledger(client *twilio.Client) *ledger.Ledger {
	return ledger.New(client, p.sync, prefix)
}

func logger(*http.Request) *slog.Logger { return slog.New(slog.DiscardHandler) }

// handler is one instance of the webhook. reports are those of the delivery that it is
// made for; only mutants look at them.
func (p parts) handler(reports []report) http.Handler {
	m := p.mutant.or()
	var records eventstream.Records = p.ledger(p.client(3, m.webhookTransport))
	if m.webhookRecords != nil {
		records = m.webhookRecords(records, reports)
	}
	config := eventstream.Config{Verifier: eventstream.NewVerifier([]string{webhook}, []string{p.token}), Account: p.account}
	return eventstream.New(config, records, p.Clock().Now, logger)
}

// sweeper is one instance of the sweep, whose runs have the given name.
func (p parts) sweeper(run string) *sweep.Sweeper {
	m := p.mutant.or()
	client := p.client(5, m.sweepTransport)
	var records sweep.Records = p.ledger(client)
	if m.sweepRecords != nil {
		records = m.sweepRecords(records)
	}
	wait := quiet
	if m.noQuiet {
		wait = 0
	}
	var retirer sweep.Retirer = retire.New(client, []string{p.chat}, wait, p.Clock().Now)
	retirer = knownServices{retirer}
	if m.retirer != nil {
		retirer = m.retirer(retirer)
	}
	config := sweep.Config{
		Policy:         channel.Policy{Retention: retention, Chat: channel.Deactivate, Conversations: channel.Close},
		MaxRetirements: 1000, MaxUnexplained: 200, Concurrency: 1, TombstoneTTL: 720 * time.Hour, OpenTaskCheck: true,
	}
	return sweep.New(config, sweep.Ports{
		Records: records, Memory: forgetful{}, Retirer: retirer, Tasks: taskrouter.New(client, []string{p.workspace}, p.Clock().Now),
		Now: p.Clock().Now, NewRun: func(time.Time) string { return run },
	})
}

// sweep runs one sweep to its end. What it says is in the world afterwards.
func (p parts) sweep(tag actorTag, run string) (*sweep.Report, error) {
	return p.sweeper(run).Run(tag.context(), sweep.Request{}, logger(nil))
}

// forgetful is the memory of sweeps, with nothing in it: each run is a pass of its own.
type forgetful struct{}

func (forgetful) Control(context.Context) (ledger.Control, error)  { return ledger.Control{}, nil }
func (forgetful) History(context.Context) (ledger.History, error)  { return ledger.History{}, nil }
func (forgetful) SetHistory(context.Context, ledger.History) error { return nil }

// knownServices spares the question whether the chat services are there: they always are.
type knownServices struct{ sweep.Retirer }

func (knownServices) CheckServices(context.Context, channel.Backend) error { return nil }
