package main

import (
	"net/http"
	"net/url"
	"time"
)

const conversationServices = "conversations.twilio.com/v1/Services"

var conversationCases = []parityCase{
	{name: "conversations-conversation", about: "close, close again (the status of 50377), what a closed one refuses, delete twice", play: playConversation},
	{name: "conversations-states", about: "how a conversation may be born, and the least that its timers may be", play: playStates},
	{name: "conversations-dates", about: "StartDate and EndDate, and the order that they bring", play: playDates},
	{name: "conversations-messages", about: "the order of messages, and their index", play: playConversationMessages},
}

// conversations makes a service and returns where its conversations are.
func (r *run) conversations() string {
	return conversationServices + "/" + r.make("service", conversationServices, "FriendlyName", r.name("service")) + "/Conversations"
}

func playConversation(r *run) {
	conversations := r.conversations()
	made := r.call("create", http.MethodPost, conversations, []string{"Attributes", oddAttributes})
	sid := r.sid(made)
	conversation := conversations + "/" + sid
	fetched := r.call("fetch", http.MethodGet, conversation, nil)
	r.must(field(fetched.body, "attributes") == oddAttributes, "attributes come back byte for byte")
	r.call("rest", http.MethodPost, conversation, []string{"State", "inactive"})
	closed := r.call("close", http.MethodPost, conversation, []string{"State", "closed"})
	r.must(field(closed.body, "state") == "closed", "an inactive conversation can be closed")
	again := r.call("close again", http.MethodPost, conversation, []string{"State", "closed"})
	r.must(field(again.body, "code") == 50377.0, "closed is final: 50377")
	r.call("change closed", http.MethodPost, conversation, []string{"Attributes", "{}"})
	r.call("say to closed", http.MethodPost, conversation+"/Messages", []string{"Author", r.name("speaker"), "Body", r.value("late")})
	r.call("list closed", http.MethodGet, conversations+"?State=closed", nil)
	r.call("delete", http.MethodDelete, conversation, nil)
	gone := r.call("fetch gone", http.MethodGet, conversation, nil)
	r.must(gone.status == http.StatusNotFound, "a conversation that was deleted is answered 404")
	r.call("delete again", http.MethodDelete, conversation, nil)
	r.call("close gone", http.MethodPost, conversation, []string{"State", "closed"})
}

func playStates(r *run) {
	conversations := r.conversations()
	for _, birth := range []struct {
		step string
		form []string
	}{
		{"closed", []string{"State", "closed"}},
		{"inactive", []string{"State", "inactive"}},
		{"timer without state", []string{"Timers.Inactive", "PT1M"}},
		{"shortest timers", []string{"State", "active", "Timers.Inactive", "PT1M", "Timers.Closed", "PT10M"}},
		{"too short to rest", []string{"State", "active", "Timers.Inactive", "PT59S"}},
		{"too short to close", []string{"State", "active", "Timers.Closed", "PT9M"}},
	} {
		r.call(birth.step, http.MethodPost, conversations, birth.form)
	}
}

func playDates(r *run) {
	conversations := r.conversations()
	r.call("create a", http.MethodPost, conversations, []string{"FriendlyName", r.name("a")})
	r.wait(2 * time.Second) // creation is kept in whole seconds
	r.call("create b", http.MethodPost, conversations, []string{"FriendlyName", r.name("b")})
	day := r.now.UTC().Format(time.DateOnly)
	for _, filter := range []struct{ step, query string }{
		{"since today", "StartDate=" + day + "T00:00:00Z"},
		{"until the end of today", "EndDate=" + url.QueryEscape(day+"T23:59:59Z")},
		{"until today", "EndDate=" + day},
		{"since tomorrow", "StartDate=" + r.now.UTC().AddDate(0, 0, 1).Format(time.DateOnly)},
		{"no date", "StartDate=yesterday"},
	} {
		r.call(filter.step, http.MethodGet, conversations+"?"+filter.query, nil)
	}
}

func playConversationMessages(r *run) {
	conversations := r.conversations()
	made := r.call("conversation", http.MethodPost, conversations, nil)
	sid := r.sid(made)
	r.messages(conversations+"/"+sid+"/Messages", "Author")
}
