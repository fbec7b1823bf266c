package main

import "net/http"

const chatServices = "chat.twilio.com/v2/Services"

var chatCases = []parityCase{
	{name: "chat-channel", about: "attributes byte for byte, taken names, and what is answered when a channel is gone", play: playChatChannel},
	{name: "chat-messages", about: "the order of messages, and their index", play: playChatMessages},
	{name: "chat-service", about: "a service that is gone", play: playChatService},
}

// oddAttributes are JSON in a form that whoever reads and writes them would lose: order, spaces, numbers, escapes.
const oddAttributes = `{"b": 1.50, "a":[ ],  "long_lived":true,"big":12345678901234567890,"u":"\u00e4\/"}`

func playChatService(r *run) {
	service := r.make("create", chatServices, "FriendlyName", r.name("service"))
	r.call("fetch", http.MethodGet, chatServices+"/"+service, nil)
	r.call("fetch by the other API", http.MethodGet, conversationServices+"/"+service, nil)
	r.call("delete", http.MethodDelete, chatServices+"/"+service, nil)
	gone := r.call("fetch gone", http.MethodGet, chatServices+"/"+service, nil)
	r.must(gone.status == http.StatusNotFound, "a service that was deleted is answered 404")
	r.call("fetch gone by the other API", http.MethodGet, conversationServices+"/"+service, nil)
}

func playChatChannel(r *run) {
	channels := chatServices + "/" + r.make("service", chatServices, "FriendlyName", r.name("service")) + "/Channels"
	made := r.call("create", http.MethodPost, channels, []string{"Type", "private", "UniqueName", r.name("channel"), "Attributes", oddAttributes})
	sid := r.sid(made)
	channel := channels + "/" + sid
	fetched := r.call("fetch", http.MethodGet, channel, nil)
	r.must(field(fetched.body, "attributes") == oddAttributes, "attributes come back byte for byte")
	r.call("deactivate", http.MethodPost, channel, []string{"Attributes", `{"long_lived":false,"status":"INACTIVE"}`})
	r.call("no JSON", http.MethodPost, channel, []string{"Attributes", "{"})
	r.call("taken", http.MethodPost, channels, []string{"Type", "private", "UniqueName", r.name("channel")})
	r.call("list private", http.MethodGet, channels+"?Type=private", nil)
	r.call("list", http.MethodGet, channels, nil)
	r.call("delete", http.MethodDelete, channel, nil)
	gone := r.call("fetch gone", http.MethodGet, channel, nil)
	r.must(gone.status == http.StatusNotFound, "a channel that was deleted is answered 404")
	r.call("delete again", http.MethodDelete, channel, nil)
	r.call("update gone", http.MethodPost, channel, []string{"Attributes", "{}"})
}

func playChatMessages(r *run) {
	channels := chatServices + "/" + r.make("service", chatServices, "FriendlyName", r.name("service")) + "/Channels"
	made := r.call("channel", http.MethodPost, channels, []string{"Type", "private"})
	sid := r.sid(made)
	r.messages(channels+"/"+sid+"/Messages", "From")
}

// messages says three things and lists them, in either order.
func (r *run) messages(address, author string) {
	for _, label := range []string{"one", "two", "three"} {
		r.call("say "+label, http.MethodPost, address, []string{author, r.name("speaker"), "Body", r.value(label)})
	}
	r.call("list", http.MethodGet, address, nil)
	r.call("newest", http.MethodGet, address+"?Order=desc&PageSize=1", nil)
	r.call("oldest", http.MethodGet, address+"?Order=asc&PageSize=1", nil)
}
