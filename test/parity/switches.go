package main

// deciding is a switch of the fake's for what no source tells, and the step of a case that tells it.
type deciding struct{ Switch, Case, Step, Asks string }

// switches are all of them: a test holds the list complete, and shows that each case notices its switch.
var switches = []deciding{
	{"GenericNotFound", "sync-document", "fetch gone", "a 404's code: 20404, or the product's own"},
	{"GenericPrecondition", "sync-document", "update if stale", "a 412's code: 20412, or 54103"},
	{"BareETag", "sync-document", "create", "ETag with quotation marks, or without"},
	{"ClosedStatus", "conversations-conversation", "close again", "the HTTP status of 50377"},
	{"KeepConversation", "flex-close", "conversation afterwards", "whether a conversation closes with its interaction channel"},
	{"CloseChannelStatus", "flex-close", "close", "whether closing an interaction channel can be refused"},
	{"CloseAgainStatus", "flex-close", "close again", "whether a closed interaction channel can be closed again"},
	{"BareInteraction", "flex-close", "interaction afterwards", "whether an interaction shows the conversation that it is of"},
	{"ListedAttributesNull", "taskrouter-filter", "three comparisons", "whether listed tasks have their attributes"},
	{"IgnoreTaskFilter", "taskrouter-filter", "three comparisons", "whether EvaluateTaskAttributes takes several comparisons"},
	{"RefuseTaskFilter", "taskrouter-filter", "three comparisons", "the same: whether it is refused"},
	{"PageTokenLife", "sync-page-token", "second page, an hour later", "how long a page token is good for"},
	{"PageTokenStatus", "sync-page-token", "second page, an hour later", "what answers a page token that is too old"},
	{"KeepExpiry", "sync-ttl", "clear", "whether TTL 0 ends a document's expiry"},
	{"SignPort", "deliveries-signature", "delivery", "whether a delivery's signature covers the port"},
	{"SignUserinfo", "deliveries-user", "delivery", "whether it covers user and password of a sink's address"},
}
