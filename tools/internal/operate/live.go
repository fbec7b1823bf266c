package operate

import (
	"context"
	"fmt"
	"maps"
	"slices"

	taskrouter "github.com/twilio/twilio-go/rest/taskrouter/v1"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/retire"
	"github.com/flexsweep/flexsweep/cloudfunction/twilio"
)

// Fact is one thing about a channel, as the ledger has it and as Twilio has it now.
type Fact struct {
	What    string `json:"what"`
	Ledger  string `json:"ledger"`
	Twilio  string `json:"twilio"`
	Differs bool   `json:"differs"`
}

// notThere is what Twilio says of something that it does not know.
const notThere = "not there"

// Live asks Twilio about the channel of a record, its interaction and its tasks: a request
// for each, and one for the list of workspaces.
func (e *Environment) Live(ctx context.Context, r channel.Record) ([]Fact, error) {
	first, err := e.liveChannel(ctx, r)
	if err != nil {
		return nil, err
	}
	facts := []Fact{first}
	if r.Interaction != nil {
		fact, err := e.liveInteraction(ctx, r)
		if err != nil {
			return nil, err
		}
		facts = append(facts, fact)
	}
	tasks, err := e.liveTasks(ctx, r)
	return append(facts, tasks...), err
}

func (e *Environment) liveChannel(ctx context.Context, r channel.Record) (Fact, error) {
	services := e.Config.ChatServices
	if r.ServiceSID != "" {
		services = []string{r.ServiceSID}
	}
	fact := Fact{What: "channel", Ledger: expected(r), Twilio: notThere}
	for _, service := range services {
		var err error
		if r.Backend == channel.Conversations {
			fact.Twilio, err = e.conversationState(ctx, service, r.SID)
		} else {
			fact.Twilio, err = e.chatAttributes(ctx, service, r.SID)
		}
		if twilio.IsGone(err) {
			fact.Twilio = notThere
			continue
		}
		if err != nil {
			return fact, err
		}
		break
	}
	fact.Differs = fact.Ledger != fact.Twilio
	return fact, nil
}

// expected is what Twilio must say of a channel if the ledger is right.
func expected(r channel.Record) string {
	x := r.Retirement
	switch {
	case r.Status != channel.Retired || x == nil:
		return "usable"
	case x.Result == channel.Gone || x.Disposition == channel.Delete:
		return notThere
	case x.Disposition == channel.Close:
		return "closed"
	default:
		return "long_lived=false, status=INACTIVE"
	}
}

func (e *Environment) conversationState(ctx context.Context, service, sid string) (string, error) {
	found, err := e.Twilio.Conversations(ctx).FetchServiceConversation(service, sid)
	if err != nil {
		return "", twilio.Wrap("fetch conversation", err)
	}
	if found.State != nil && *found.State == "closed" {
		return "closed", nil
	}
	return "usable", nil
}

func (e *Environment) chatAttributes(ctx context.Context, service, sid string) (string, error) {
	found, err := e.Twilio.Chat(ctx).FetchChannel(service, sid)
	if err != nil {
		return "", twilio.Wrap("fetch channel", err)
	}
	attributes := "{}"
	if found.Attributes != nil {
		attributes = *found.Attributes
	}
	two, err := retire.Read(attributes)
	if err != nil {
		return "attributes that cannot be changed and given back", nil
	}
	if two.Equal(channel.Inactive()) {
		return "long_lived=false, status=INACTIVE", nil
	}
	return "usable", nil
}

func (e *Environment) liveInteraction(ctx context.Context, r channel.Record) (Fact, error) {
	fact := Fact{What: "interaction " + r.Interaction.ChannelSID, Ledger: "not told", Twilio: notThere}
	found, err := e.Twilio.Flex(ctx).FetchInteractionChannel(r.Interaction.SID, r.Interaction.ChannelSID)
	if err = twilio.Wrap("fetch interaction channel", err); err != nil && !twilio.IsGone(err) {
		return fact, err
	}
	if err == nil && found.Status != nil {
		fact.Twilio = *found.Status
	}
	closed := fact.Twilio == "closed" || fact.Twilio == notThere // Twilio removes them after 180 days
	if x := r.Retirement; r.Status == channel.Retired && x != nil && x.Disposition.Final() && x.Result == channel.Done {
		fact.Ledger, fact.Differs = "closed", !closed
	}
	return fact, nil
}

// phases translates what TaskRouter calls a task's assignment status.
var phases = map[string]channel.Phase{
	"pending": channel.Open, "reserved": channel.Open, "assigned": channel.Open,
	"wrapping": channel.Wrapping, "completed": channel.Ended, "canceled": channel.Ended,
}

func (e *Environment) liveTasks(ctx context.Context, r channel.Record) ([]Fact, error) {
	unheard, err := e.unheardTasks(ctx, r)
	if err != nil || len(r.Tasks) == 0 {
		return unheard, err
	}
	api := taskrouter.NewApiService(e.Twilio.Handler(ctx))
	workspaces, err := api.PageWorkspace(new(taskrouter.ListWorkspaceParams).SetPageSize(100), "", "")
	if err != nil {
		return nil, twilio.Wrap("list workspaces", err)
	}
	facts := unheard
	for _, sid := range slices.Sorted(maps.Keys(r.Tasks)) {
		fact := Fact{What: "task " + sid, Ledger: string(r.Tasks[sid].Phase), Twilio: notThere}
		for _, w := range workspaces.Workspaces {
			found, err := api.FetchTask(*w.Sid, sid)
			if err = twilio.Wrap("fetch task", err); twilio.IsGone(err) {
				continue
			}
			if err != nil {
				return nil, err
			}
			fact.Twilio = fmt.Sprintf("%s (%s)", phases[*found.AssignmentStatus], *found.AssignmentStatus)
			fact.Differs = phases[*found.AssignmentStatus] != r.Tasks[sid].Phase
			break
		}
		// TaskRouter removes ended tasks after minutes, so one that is not there has ended.
		if fact.Twilio == notThere {
			fact.Differs = r.Tasks[sid].Phase != channel.Ended
		}
		facts = append(facts, fact)
	}
	return facts, nil
}

// unheardTasks are those that TaskRouter has open on the channel and the ledger does not know.
func (e *Environment) unheardTasks(ctx context.Context, r channel.Record) ([]Fact, error) {
	open, err := e.Tasks.Unfinished(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("ask TaskRouter for the open tasks of %s: %w", r.SID, err)
	}
	var facts []Fact
	for _, event := range open {
		if _, known := r.Tasks[event.TaskSID]; !known {
			facts = append(facts, Fact{What: "task " + event.TaskSID, Ledger: "not known", Twilio: "open", Differs: true})
		}
	}
	return facts, nil
}
