package main

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/flexsweep/flexsweep/test/faketwilio"
)

// switchAlterations are the fake's own switches, one each.
var switchAlterations = []alteration{
	{name: "GenericNotFound", unverified: faketwilio.Unverified{GenericNotFound: true}, want: []string{
		"chat-channel/delete again", "chat-channel/fetch gone", "chat-channel/update gone",
		"conversations-conversation/close gone", "conversations-conversation/delete again",
		"conversations-conversation/fetch gone", "sync-document/delete again", "sync-document/fetch gone",
		"sync-expiry/fetch", "sync-service/fetch gone", "sync-service/list of gone",
	}},
	{name: "GenericPrecondition", unverified: faketwilio.Unverified{GenericPrecondition: true}, want: []string{"sync-document/update if stale"}},
	{name: "BareETag", unverified: faketwilio.Unverified{BareETag: true}, want: []string{
		"deliveries-batch/create one", "deliveries-batch/create three", "deliveries-batch/create two",
		"deliveries-task/cancel", "deliveries-task/create", "sync-document/create", "sync-document/create after delete",
		"sync-document/fetch by SID", "sync-document/fetch by name", "sync-document/update if match", "sync-expiry/create",
		"sync-expiry/create another", "sync-page-token/create a", "sync-page-token/create b", "sync-pages/create a",
		"sync-pages/create b", "sync-pages/create c", "sync-ttl/a year", "sync-ttl/clear", "sync-ttl/create",
		"sync-ttl/set again", "sync-ttl/update data", "taskrouter-deletion/cancel", "taskrouter-deletion/create",
		"taskrouter-filter/task by channelSid", "taskrouter-filter/task by conversationSid",
		"taskrouter-filter/task by flexInteractionChannelSid", "taskrouter-filter/task of none", "taskrouter-task/cancel",
		"taskrouter-task/create", "taskrouter-task/fetch", "taskrouter-task/fetch ended",
	}},
	{name: "ClosedStatus", unverified: faketwilio.Unverified{ClosedStatus: 403}, want: []string{
		"conversations-conversation/change closed", "conversations-conversation/close again",
		"conversations-conversation/say to closed",
	}},
	{name: "KeepConversation", unverified: faketwilio.Unverified{KeepConversation: true}, want: []string{"flex-close/conversation afterwards"}},
	{name: "CloseChannelStatus", unverified: faketwilio.Unverified{CloseChannelStatus: 422}, want: []string{
		"flex-close/close", "flex-close/close again", "flex-close/conversation afterwards", "flex-close/fetch closed",
		"flex-rest/close",
	}},
	{name: "CloseAgainStatus", unverified: faketwilio.Unverified{CloseAgainStatus: 409}, want: []string{"flex-close/close again"}},
	{name: "BareInteraction", unverified: faketwilio.Unverified{BareInteraction: true}, want: []string{
		"flex-close/interaction", "flex-close/interaction afterwards", "flex-rest/interaction",
	}},
	{name: "ListedAttributesNull", unverified: faketwilio.Unverified{ListedAttributesNull: true}, want: []string{"taskrouter-filter/three comparisons"}},
	{name: "IgnoreTaskFilter", unverified: faketwilio.Unverified{IgnoreTaskFilter: true}, want: []string{
		"taskrouter-filter/no expression", "taskrouter-filter/nobody", "taskrouter-filter/three comparisons",
	}},
	{name: "RefuseTaskFilter", unverified: faketwilio.Unverified{RefuseTaskFilter: true}, want: []string{
		"taskrouter-filter/nobody", "taskrouter-filter/other statuses", "taskrouter-filter/three comparisons",
	}},
	{name: "PageTokenLife", unverified: faketwilio.Unverified{PageTokenLife: time.Hour}, want: []string{"sync-page-token/second page, an hour later"}},
	{name: "PageTokenStatus", unverified: faketwilio.Unverified{PageTokenLife: time.Hour, PageTokenStatus: 404}, want: []string{"sync-page-token/second page, an hour later"}},
	{name: "KeepExpiry", unverified: faketwilio.Unverified{KeepExpiry: true}, want: []string{"sync-ttl/clear"}},
	{name: "SignPort", unverified: faketwilio.Unverified{SignPort: true}, want: []string{
		"deliveries-drop/delivery", "deliveries-repeat/delivery", "deliveries-signature/delivery",
		"deliveries-task/delivery", "deliveries-user/delivery",
	}},
	{name: "SignUserinfo", unverified: faketwilio.Unverified{SignUserinfo: true}, want: []string{"deliveries-user/delivery"}},
}

// otherAlterations are behaviours that nobody made a switch for.
var otherAlterations = []alteration{
	{name: "page size is clamped", path: `Documents\?PageSize=101`, ask: func(r *http.Request) {
		r.URL.RawQuery = "PageSize=100"
	}, want: []string{"sync-pages/page of 101"}},
	{name: "newest document first", path: `GET .*/Documents$`, edit: func(_ *http.Request, _ *http.Response, body []byte) []byte {
		var list map[string]any
		if json.Unmarshal(body, &list) != nil {
			return body
		}
		rows, _ := list["documents"].([]any)
		slices.Reverse(rows)
		return []byte(text(list))
	}, want: []string{"sync-pages/all"}},
	{name: "attributes are formatted anew", path: `GET .*chat.*/Channels/CH`, edit: swap(`1.50, \"a\":[ ]`, `1.5,\"a\":[]`), want: []string{"chat-channel/fetch"}},
	{name: "no WWW-Authenticate", edit: func(_ *http.Request, response *http.Response, body []byte) []byte {
		response.Header.Del("Www-Authenticate")
		return body
	}, want: []string{
		"errors-credentials/chat", "errors-credentials/conversations", "errors-credentials/events",
		"errors-credentials/flex", "errors-credentials/sync", "errors-credentials/taskrouter",
	}},
	{name: "configuration comes back changed", path: `GET .*/Sinks/DG`, edit: swap(`"batch_events":false`, `"batch_events":true`), want: []string{"events-sink/fetch"}},
	{name: "deleting twice is a success", path: `DELETE .*/Channels/`, edit: func(_ *http.Request, response *http.Response, _ []byte) []byte {
		response.StatusCode = http.StatusNoContent
		response.Header.Del("Content-Type")
		return nil
	}, want: []string{"chat-channel/delete again"}},
	{name: "revisions begin at 1", path: `POST .*/Documents$`, edit: swap(`"revision":"0"`, `"revision":"1"`), want: []string{
		"sync-document/create", "sync-document/create after delete", "sync-document/update if match", "sync-expiry/create",
		"sync-expiry/create another", "sync-page-token/create a", "sync-page-token/create b", "sync-pages/create a",
		"sync-pages/create b", "sync-pages/create c", "sync-ttl/create",
	}},
	{name: "a field more", path: `GET .*/Workspaces/WS[0-9a-f]+$`, edit: swap(`"friendly_name"`, `"color":"blue","friendly_name"`), want: []string{"taskrouter-workspace/fetch"}},
	{name: "times have milliseconds", path: `GET .*/Documents/`, edit: swap(`Z"`, `.000Z"`), want: []string{"sync-document/fetch by SID", "sync-document/fetch by name"}},
	{name: "another type of channel", path: `POST .*/Interactions/`, edit: swap(`"type":"web"`, `"type":"chat"`), want: []string{
		"flex-close/close", "flex-close/close again", "flex-rest/close", "flex-rest/rest",
	}},
	{name: "nothing comes again", refuse: true, want: []string{"deliveries-repeat/delivery"}},
	{name: "deliveries are text", deliver: func(r *http.Request) { r.Header.Set("Content-Type", "text/json") }, want: []string{
		"deliveries-drop/delivery", "deliveries-repeat/delivery", "deliveries-signature/delivery",
		"deliveries-task/delivery", "deliveries-user/delivery",
	}},
	{name: "the body is not what was signed", deliver: func(r *http.Request) {
		r.Body = io.NopCloser(strings.NewReader(`[]`))
	}, want: []string{
		"deliveries-batch/events in each delivery", "deliveries-drop/delivery", "deliveries-repeat/delivery", "deliveries-signature/delivery",
		"deliveries-task/delivery", "deliveries-user/delivery",
	}},
}
