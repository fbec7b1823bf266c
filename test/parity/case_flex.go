package main

import (
	"net/http"
	"strings"
)

const interactions = "flex-api.twilio.com/v1/Interactions"

var flexCases = []parityCase{
	{name: "flex-close", about: "closing an interaction channel, again, and whether its conversation closes with it", flex: true, play: playClose},
	{name: "flex-rest", about: "letting an interaction channel rest, with and without its routing closed", flex: true, play: playRest},
}

// interaction makes a conversation with an interaction, and returns the addresses of the conversation and of the channel.
func (r *run) interaction() (conversation, channel string) {
	conversations := r.conversations()
	made := r.call("conversation", http.MethodPost, conversations, nil)
	sid := r.sid(made)
	got := r.call("interaction", http.MethodPost, interactions, []string{
		"Channel", `{"type":"web","initiated_by":"api","properties":{"media_channel_sid":"` + sid + `"}}`})
	if got.status >= http.StatusBadRequest {
		r.skip("Flex takes no interaction here")
	}
	kd := r.sid(got)
	uo, _ := field(field(got.body, "channel"), "sid").(string)
	return conversations + "/" + sid, interactions + "/" + kd + "/Channels/" + uo
}

func playClose(r *run) {
	conversation, channel := r.interaction()
	r.call("fetch", http.MethodGet, channel, nil)
	r.call("interaction afterwards", http.MethodGet, channel[:strings.Index(channel, "/Channels/")], nil)
	form := []string{"Status", "closed", "Routing", `{"status":"closed"}`}
	closed := r.call("close", http.MethodPost, channel, form)
	r.must(closed.status == http.StatusOK, "an interaction channel can be closed")
	r.wait(r.disappointed / 2) // it may follow
	r.call("conversation afterwards", http.MethodGet, conversation, nil)
	r.call("close again", http.MethodPost, channel, form)
	r.call("fetch closed", http.MethodGet, channel, nil)
	r.call("unknown", http.MethodPost, channel[:len(channel)-32]+"00000000000000000000000000000000", form)
}

func playRest(r *run) {
	conversation, channel := r.interaction()
	r.call("rest alone", http.MethodPost, channel, []string{"Status", "inactive"})
	r.call("rest", http.MethodPost, channel, []string{"Status", "inactive", "Routing", `{"status":"closed"}`})
	r.call("conversation afterwards", http.MethodGet, conversation, nil)
	r.call("nonsense", http.MethodPost, channel, []string{"Status", "nonsense"})
	r.call("close", http.MethodPost, channel, []string{"Status", "closed"})
}
