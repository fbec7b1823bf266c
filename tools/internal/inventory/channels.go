package inventory

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	chat "github.com/twilio/twilio-go/rest/chat/v2"
	conversations "github.com/twilio/twilio-go/rest/conversations/v1"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/retire"
	"github.com/flexsweep/flexsweep/cloudfunction/twilio"
)

// Life is how far a channel has come.
type Life string

const (
	LongLived Life = "long-lived" // a chat channel that the next message is put into
	Usable    Life = "usable"     // a chat channel that does not say so, or a conversation that is not closed
	Retired   Life = "retired"    // deactivated, or closed
	Gone      Life = "gone"       // Twilio does not know it
)

// Channel is a chat channel or a conversation. Of its attributes only the two words of a
// long-lived channel and its type are kept.
type Channel struct {
	SID     string
	Service string
	Backend channel.Backend
	Type    string // channel type, if the attributes have it; a plain word in lower case
	Life    Life
	// Marked: the attributes have long_lived or status, so it was made for Programmable
	// Chat, whichever of the two APIs shows it.
	Marked  bool
	Created time.Time
	Updated time.Time
}

// chatPage is a page of chat channels.
type chatPage = chat.ListChannelResponse

// Chats lists the channels of a chat service (IS…), public ones and private ones: a
// request for each 100. It ends with the first error, of its own or of visit.
func Chats(ctx context.Context, c *twilio.Client, service string, visit func([]Channel) error) error {
	first := "https://chat.twilio.com/v2/Services/" + url.PathEscape(service) + "/Channels?Type=private&Type=public&PageSize=100"
	return pages(ctx, c, "list channels", first, func(p *chatPage) (*string, error) {
		list := make([]Channel, 0, len(p.Channels))
		for i := range p.Channels {
			list = append(list, chatChannel(service, &p.Channels[i]))
		}
		return p.Meta.NextPageUrl, visit(list)
	})
}

// Filter narrows a list of conversations down, at Twilio.
type Filter struct {
	State        string    // active, inactive or closed
	Since, Until time.Time // days of creation, both inclusive; zero for no bound
}

// Conversations lists those of a service: a request for each 100.
func Conversations(ctx context.Context, c *twilio.Client, service string, f Filter, visit func([]Channel) error) error {
	query := url.Values{"PageSize": {"100"}, "State": {f.State}}
	if !f.Since.IsZero() {
		query.Set("StartDate", f.Since.UTC().Format(time.DateOnly))
	}
	if !f.Until.IsZero() {
		query.Set("EndDate", f.Until.UTC().Format(time.DateOnly))
	}
	first := "https://conversations.twilio.com/v1/Services/" + url.PathEscape(service) + "/Conversations?" + query.Encode()
	return pages(ctx, c, "list conversations", first, func(p *conversations.ListServiceConversationResponse) (*string, error) {
		list := make([]Channel, 0, len(p.Conversations))
		for i := range p.Conversations {
			list = append(list, conversation(service, &p.Conversations[i]))
		}
		return p.Meta.NextPageUrl, visit(list)
	})
}

// Fetch reads the channel of a record, from its service or the first of services that
// has it: a request for each of them. One that is nowhere has the Life [Gone].
func Fetch(ctx context.Context, c *twilio.Client, r channel.Record, services []string) (Channel, error) {
	if r.ServiceSID != "" {
		services = []string{r.ServiceSID}
	}
	for _, service := range services {
		found, err := fetch(ctx, c, service, r)
		if twilio.IsGone(err) {
			continue
		}
		return found, err
	}
	return Channel{SID: r.SID, Backend: r.Backend, Life: Gone}, nil
}

func fetch(ctx context.Context, c *twilio.Client, service string, r channel.Record) (Channel, error) {
	if r.Backend == channel.Conversations {
		found, err := c.Conversations(ctx).FetchServiceConversation(service, r.SID)
		if err != nil {
			return Channel{}, twilio.Wrap("fetch conversation", err)
		}
		return conversation(service, &conversations.ConversationsV1ServiceConversation{
			Sid: found.Sid, Attributes: found.Attributes, State: found.State, DateCreated: found.DateCreated, DateUpdated: found.DateUpdated,
		}), nil
	}
	found, err := c.Chat(ctx).FetchChannel(service, r.SID)
	if err != nil {
		return Channel{}, twilio.Wrap("fetch channel", err)
	}
	return chatChannel(service, found), nil
}

// NewestMessage is when the last message of a channel was written; zero if it has none.
// One request.
func NewestMessage(ctx context.Context, c *twilio.Client, ch Channel) (time.Time, error) {
	var at *time.Time
	if ch.Backend == channel.Conversations {
		params := new(conversations.ListServiceConversationMessageParams).SetOrder("desc").SetPageSize(1)
		page, err := c.Conversations(ctx).PageServiceConversationMessage(ch.Service, ch.SID, params, "", "")
		if err != nil {
			return time.Time{}, twilio.Wrap("list messages", err)
		}
		if len(page.Messages) > 0 {
			at = page.Messages[0].DateCreated
		}
		return value(at), nil
	}
	params := new(chat.ListMessageParams).SetOrder("desc").SetPageSize(1)
	page, err := c.Chat(ctx).PageMessage(ch.Service, ch.SID, params, "", "")
	if err != nil {
		return time.Time{}, twilio.Wrap("list messages", err)
	}
	if len(page.Messages) > 0 {
		at = page.Messages[0].DateCreated
	}
	return value(at), nil
}

func chatChannel(service string, c *chat.ChatV2Channel) Channel {
	ch := Channel{SID: value(c.Sid), Service: service, Backend: channel.Chat, Life: Usable, Created: value(c.DateCreated), Updated: value(c.DateUpdated)}
	ch.read(value(c.Attributes))
	return ch
}

func conversation(service string, c *conversations.ConversationsV1ServiceConversation) Channel {
	ch := Channel{SID: value(c.Sid), Service: service, Backend: channel.Conversations, Created: value(c.DateCreated), Updated: value(c.DateUpdated)}
	ch.read(value(c.Attributes))
	ch.Life = Usable
	if value(c.State) == "closed" {
		ch.Life = Retired
	}
	return ch
}

// read takes from the attributes what is needed. Attributes that are no JSON object say
// nothing, and the channel is left alone for it.
func (c *Channel) read(attributes string) {
	two, err := retire.Read(attributes)
	if err != nil {
		return
	}
	c.Marked = two.LongLived != nil || two.Status != nil
	switch strings.Trim(value(two.LongLived), `"`) {
	case "true":
		c.Life = LongLived
	case "false":
		if value(two.Status) == `"INACTIVE"` {
			c.Life = Retired
		}
	}
	var kind struct {
		Snake any `json:"channel_type"`
		Camel any `json:"channelType"`
	}
	_ = json.Unmarshal([]byte(attributes), &kind) // it is an object: Read has read it
	for _, v := range []any{kind.Snake, kind.Camel} {
		if word, _ := v.(string); word != "" {
			c.Type = channel.TypeOf(word)
		}
	}
}

func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
