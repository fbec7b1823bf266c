package inventory

import (
	"context"
	"time"

	taskrouter "github.com/twilio/twilio-go/rest/taskrouter/v1"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/eventstream"
	"github.com/flexsweep/flexsweep/cloudfunction/twilio"
)

// phases translates what TaskRouter calls a task's assignment status.
var phases = map[string]channel.Phase{
	"pending": channel.Open, "reserved": channel.Open, "assigned": channel.Open,
	"wrapping": channel.Wrapping, "completed": channel.Ended, "canceled": channel.Ended,
}

// Task is a task as an event would have told of it, had one come now.
type Task struct {
	channel.Event
	Status  string // TaskRouter's own word
	Created time.Time
}

// Tasks are those that TaskRouter has: the open ones, and those that have ended minutes
// ago, since it removes them then.
type Tasks struct {
	Of     map[string][]Task // by channel SID
	Listed int               // those without a channel, such as calls, too
	// Unreadable: tasks whose attributes are no JSON object or name a channel that cannot
	// be one, by SID.
	Unreadable []string

	client     *twilio.Client
	workspaces []string
}

// ReadTasks lists the tasks of every workspace: a request for each 100 workspaces and for
// each 1,000 tasks. Where the list leaves the attributes out, as TaskRouter's reference
// says it does, one more for each task.
func ReadTasks(ctx context.Context, c *twilio.Client, seen func(tasks int)) (*Tasks, error) {
	t := &Tasks{Of: map[string][]Task{}, client: c}
	err := pages(ctx, c, "list workspaces", "https://taskrouter.twilio.com/v1/Workspaces?PageSize=100", func(p *taskrouter.ListWorkspaceResponse) (*string, error) {
		for _, w := range p.Workspaces {
			t.workspaces = append(t.workspaces, value(w.Sid))
		}
		return p.Meta.NextPageUrl, nil
	})
	if err != nil {
		return nil, err
	}
	for _, workspace := range t.workspaces {
		first := "https://taskrouter.twilio.com/v1/Workspaces/" + workspace + "/Tasks?PageSize=1000"
		err := pages(ctx, c, "list tasks", first, func(p *taskrouter.ListTaskResponse) (*string, error) {
			for i := range p.Tasks {
				if err := t.add(ctx, workspace, &p.Tasks[i]); err != nil {
					return nil, err
				}
			}
			seen(t.Listed)
			return p.Meta.NextPageUrl, nil
		})
		if err != nil {
			return nil, err
		}
	}
	return t, nil
}

func (t *Tasks) add(ctx context.Context, workspace string, task *taskrouter.TaskrouterV1Task) error {
	t.Listed++
	if task.Attributes == nil {
		full, err := taskrouter.NewApiService(t.client.Handler(ctx)).FetchTask(workspace, value(task.Sid))
		if err = twilio.Wrap("fetch task", err); twilio.IsGone(err) {
			return nil // it has ended, and is gone since it was listed
		}
		if err != nil {
			return err
		}
		task = full
	}
	read, err := readTask(task)
	if err != nil {
		t.Unreadable = append(t.Unreadable, value(task.Sid))
	}
	for _, each := range read {
		t.Of[each.ChannelSID] = append(t.Of[each.ChannelSID], each)
	}
	return nil
}

// readTask understands a task's attributes as the webhook does: as one for each channel that
// they name.
func readTask(task *taskrouter.TaskrouterV1Task) (read []Task, err error) {
	stand := standOf(task)
	named, err := eventstream.FromAttributes(value(task.Attributes), stand.Time)
	for _, e := range named {
		each := stand
		each.ChannelSID, each.Backend, each.Type, each.Interaction = e.ChannelSID, e.Backend, e.Type, e.Interaction
		read = append(read, each)
	}
	return read, err
}

// standOf tells how far a task has come. It is open since it was created, and where else
// it is since it was updated last. A status that is not known counts as open.
func standOf(task *taskrouter.TaskrouterV1Task) Task {
	t := Task{Status: value(task.AssignmentStatus), Created: value(task.DateCreated).UTC()}
	t.TaskSID, t.Phase, t.Time = value(task.Sid), phases[t.Status], value(task.DateUpdated).UTC()
	switch t.Phase {
	case channel.Ended:
		t.Outcome = t.Status
	case channel.Wrapping:
	default:
		t.Phase, t.Time = channel.Open, t.Created
	}
	return t
}

// Fetch asks for one task, and returns false if TaskRouter does not know it: it has ended
// then. A request for each workspace until it is found.
func (t *Tasks) Fetch(ctx context.Context, sid string) (Task, bool, error) {
	api := taskrouter.NewApiService(t.client.Handler(ctx))
	for _, workspace := range t.workspaces {
		found, err := api.FetchTask(workspace, sid)
		if err = twilio.Wrap("fetch task", err); twilio.IsGone(err) {
			continue
		}
		if err != nil {
			return Task{}, false, err
		}
		return standOf(found), true, nil
	}
	return Task{}, false, nil
}
