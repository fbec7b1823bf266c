package main

import "net/http"

var errorCases = []parityCase{
	{name: "errors-credentials", about: "a wrong password, at each product: status, code and headers", play: playCredentials},
	{name: "errors-paths", about: "a path that does not exist, and a method that a path has not", play: playPaths},
}

// lists are a list of each product.
var lists = []struct{ product, address string }{
	{"sync", syncServices}, {"chat", chatServices}, {"conversations", conversationServices},
	{"flex", "flex-api.twilio.com/v1/FlexFlows"}, {"taskrouter", workspaces}, {"events", sinks},
}

func playCredentials(r *run) {
	for _, list := range lists {
		got := r.call(list.product, http.MethodGet, list.address, nil, "Authorization: Basic bm9ib2R5Om5vdGhpbmc=")
		r.must(got.status == http.StatusUnauthorized, list.product+" answers wrong credentials with 401")
	}
}

func playPaths(r *run) {
	for _, list := range lists {
		r.call(list.product+", no such path", http.MethodGet, list.address+"/nothing/here", nil)
		r.call(list.product+", no such method", http.MethodPut, list.address, nil)
	}
}
