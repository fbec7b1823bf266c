// Package taskrouter asks Twilio's TaskRouter what the ledger may not have heard: whether a
// task is still there, and whether any task is open on a channel.
package taskrouter

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/twilio"
)

const (
	root = "https://taskrouter.twilio.com/v1/Workspaces"
	// remember is how long the account's list of workspaces is good for.
	remember = 10 * time.Minute
)

// unfinished are the states of a task that has not ended
// (https://www.twilio.com/docs/taskrouter/api/task).
var unfinished = []string{"pending", "reserved", "assigned", "wrapping"}

// OutcomeUnknown is that of a task that ended, nobody knows how: TaskRouter does not know it
// any more.
const OutcomeUnknown = "unknown"

var (
	// ErrUnfinished: the task has not ended.
	ErrUnfinished = errors.New("the task has not ended")
	// ErrUnreadable: TaskRouter's answer does not fit the question, so it says nothing.
	ErrUnreadable = errors.New("TaskRouter's answer does not fit the question")
)

// Asker asks TaskRouter. It is safe for concurrent use.
type Asker struct {
	client *twilio.Client
	listed []string
	now    func() time.Time

	mu      sync.Mutex
	known   []string // the account's workspaces, where none are listed
	knownAt time.Time
}

// New returns an asker for the listed workspaces (WS…), or for all of the account if there
// are none. It makes no request.
func New(client *twilio.Client, workspaces []string, now func() time.Time) *Asker {
	return &Asker{client: client, listed: workspaces, now: now}
}

// task is what is read of a task.
type task struct {
	SID        string    `json:"sid"`
	Status     string    `json:"assignment_status"`
	Updated    time.Time `json:"date_updated"`
	Created    time.Time `json:"date_created"`
	Attributes *string   `json:"attributes"` // Twilio may leave it out of lists
}

// Unfinished returns the tasks that have not ended and whose attributes name the record's
// channel or its interaction channel, as events that open them: one request for each workspace.
// That is asked before something final is done. [ErrUnreadable] if Twilio has not understood the
// question; no error means that the answer is to be believed.
//
// That EvaluateTaskAttributes takes such an expression is not verified with a live account.
func (a *Asker) Unfinished(ctx context.Context, r channel.Record) ([]channel.Event, error) {
	workspaces, err := a.workspaces(ctx)
	if err != nil {
		return nil, err
	}
	if len(workspaces) == 0 {
		return nil, fmt.Errorf("list tasks: %w: no workspace is known", ErrUnreadable)
	}
	names := []string{r.SID}
	expression := fmt.Sprintf(`conversationSid == "%s" OR channelSid == "%s"`, r.SID, r.SID)
	if r.Interaction != nil {
		names = append(names, r.Interaction.ChannelSID)
		expression += fmt.Sprintf(` OR flexInteractionChannelSid == "%s"`, r.Interaction.ChannelSID)
	}
	query := url.Values{"AssignmentStatus": unfinished, "EvaluateTaskAttributes": {expression}, "PageSize": {"50"}}.Encode()
	var events []channel.Event
	for _, workspace := range workspaces {
		var answer struct {
			Tasks []task `json:"tasks"`
		}
		if err := a.client.Get(ctx, "list tasks", root+"/"+workspace+"/Tasks?"+query, &answer); err != nil {
			return nil, err
		}
		if answer.Tasks == nil { // no list is not an empty one
			return nil, fmt.Errorf("list tasks: %w: it has no list", ErrUnreadable)
		}
		for _, t := range answer.Tasks {
			if !t.names(names) || !channel.IsSID(t.SID, "WT") {
				return nil, fmt.Errorf("list tasks: %w: it has a task that names none of the SIDs asked for", ErrUnreadable)
			}
			if ended(t.Status) {
				continue
			}
			events = append(events, channel.Event{
				ChannelSID: r.SID, Backend: r.Backend, TaskSID: t.SID, Workspace: workspace, Phase: channel.Open, Time: moment(t.Created, a.now()),
			})
		}
	}
	return events, nil
}

// names reports whether the task may name one of the SIDs: attributes that were left out may.
func (t task) names(sids []string) bool {
	if t.Attributes == nil {
		return true
	}
	for _, sid := range sids {
		if strings.Contains(*t.Attributes, sid) {
			return true
		}
	}
	return false
}

// LookUp asks what has become of a task of the record, and returns its end as an event:
// [ErrUnfinished] if it has none. Twilio deletes ended tasks, so one that the workspace does not
// know has ended, at a time that nobody knows any more: now. That the workspace itself is still
// there is asked, too: a wrong credential or account must not look like an end. One request,
// or two for a task that is not known.
func (a *Asker) LookUp(ctx context.Context, r channel.Record, sid string) (channel.Event, error) {
	workspaces, err := a.workspacesOf(ctx, r.Tasks[sid])
	if err != nil {
		return channel.Event{}, err
	}
	event := channel.Event{ChannelSID: r.SID, Backend: r.Backend, TaskSID: sid, Phase: channel.Ended, Outcome: OutcomeUnknown, Time: a.now()}
	for _, workspace := range workspaces {
		var found task
		err := a.client.Get(ctx, "fetch task", root+"/"+workspace+"/Tasks/"+sid, &found)
		switch {
		case twilio.IsGone(err):
			if err := a.checkWorkspace(ctx, workspace); err != nil {
				return channel.Event{}, err
			}
			continue
		case err != nil:
			return channel.Event{}, err
		case found.SID != sid:
			return channel.Event{}, fmt.Errorf("fetch task: %w", ErrUnreadable)
		case !ended(found.Status):
			return channel.Event{}, ErrUnfinished
		}
		event.Outcome, event.Time = found.Status, moment(found.Updated, a.now())
		return event, nil
	}
	if len(workspaces) == 0 {
		return channel.Event{}, fmt.Errorf("fetch task: %w: no workspace is known", ErrUnreadable)
	}
	return event, nil
}

// checkWorkspace returns an error unless TaskRouter knows the workspace.
func (a *Asker) checkWorkspace(ctx context.Context, workspace string) error {
	var found struct {
		SID string `json:"sid"`
	}
	if err := a.client.Get(ctx, "fetch workspace", root+"/"+workspace, &found); err != nil {
		return err
	}
	if found.SID != workspace {
		return fmt.Errorf("fetch workspace: %w", ErrUnreadable)
	}
	return nil
}

func ended(status string) bool { return status == "completed" || status == "canceled" }

// moment returns t if it is one that can be, and else now.
func moment(t, now time.Time) time.Time {
	if t.IsZero() || t.After(now) {
		return now
	}
	return t
}

// workspacesOf returns where the task may be.
func (a *Asker) workspacesOf(ctx context.Context, t channel.Task) ([]string, error) {
	if t.Workspace != "" {
		return []string{t.Workspace}, nil
	}
	return a.workspaces(ctx)
}

// workspaces returns the listed workspaces, or all of the account.
func (a *Asker) workspaces(ctx context.Context) ([]string, error) {
	if len(a.listed) > 0 {
		return a.listed, nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.known != nil && a.now().Sub(a.knownAt) < remember {
		return a.known, nil
	}
	var answer struct {
		Workspaces []struct {
			SID string `json:"sid"`
		} `json:"workspaces"`
		Meta struct {
			Next string `json:"next_page_url"`
		} `json:"meta"`
	}
	if err := a.client.Get(ctx, "list workspaces", root+"?PageSize=100", &answer); err != nil {
		return nil, err
	}
	if answer.Meta.Next != "" {
		return nil, fmt.Errorf("list workspaces: %w: there are more than 100; list those that matter in WORKSPACE_SIDS", ErrUnreadable)
	}
	known := []string{}
	for _, w := range answer.Workspaces {
		if channel.IsSID(w.SID, "WS") {
			known = append(known, w.SID)
		}
	}
	a.known, a.knownAt = known, a.now()
	return known, nil
}
