package browser

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// watch collects what a page does wrong.
type watch struct {
	mu       sync.Mutex
	problems []string
}

// listen switches on the reports that see reads.
func listen(ctx context.Context, tab *chromedp.Target) (chromedp.Void, error) {
	_, network := cdp.Call(ctx, tab, network.Enable, network.EnableParams{})
	_, log := cdp.Call(ctx, tab, log.Enable, cdp.Empty{})
	_, runtime := cdp.Call(ctx, tab, runtime.Enable, cdp.Empty{})
	return chromedp.Void{}, errors.Join(network, log, runtime)
}

// Problems returns what the page did wrong so far: errors and warnings in the console (a broken content security policy is
// one), uncaught exceptions, and requests to anywhere but this machine.
func (w *watch) Problems() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.problems)
}

// see takes one event of the browser.
func (w *watch) see(event any) {
	problem := ""
	switch e := event.(type) {
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			problem = fmt.Sprintf("%s %s: %s %s", e.Entry.Source, e.Entry.Level, e.Entry.Text, e.Entry.URL)
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning || e.Type == runtime.ConsoleAPICalledTypeAssert {
			problem = fmt.Sprintf("console.%s: %s", e.Type, arguments(e.Args))
		}
	case *runtime.EventExceptionThrown:
		problem = "exception: " + e.ExceptionDetails.Text + " " + arguments([]*runtime.RemoteObject{e.ExceptionDetails.Exception})
	case *network.EventRequestWillBeSent:
		if leavesMachine(e.Request.URL) {
			problem = "request to another machine: " + e.Request.URL
		}
	}
	if problem == "" {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.problems = append(w.problems, problem)
}

func arguments(list []*runtime.RemoteObject) string {
	text := ""
	for _, argument := range list {
		if argument == nil {
			continue
		}
		text += string(argument.Value) + argument.Description + " "
	}
	return text
}

// leavesMachine tells whether an address is on another machine. Addresses without a network (data:, file:, about:) are not.
func leavesMachine(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return true
	}
	switch u.Scheme {
	case "http", "https", "ws", "wss":
		ip := net.ParseIP(u.Hostname())
		return u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback())
	}
	return false
}
