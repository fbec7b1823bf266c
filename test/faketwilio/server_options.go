package faketwilio

import (
	"math/rand/v2"
	"net/http"
	"time"
)

// DefaultStart is the time a frozen clock shows at first: a Monday morning.
var DefaultStart = time.Date(2026, time.January, 5, 8, 0, 0, 0, time.UTC)

// Options configure a [Server]. The zero value is a good test server: frozen clock, no faults, no rate limits.
type Options struct {
	// AccountSID, AuthToken, APIKey and APISecret are the account's credentials. Empty ones are made up from Seed; they are
	// alphanumeric, because Twilio's SDKs refuse anything else before they send a request.
	AccountSID, AuthToken, APIKey, APISecret string

	// Start is what the clock shows at first; DefaultStart if zero, the real time if RealClock is set.
	Start time.Time
	// RealClock makes time pass by itself. Otherwise the clock stands still until Advance.
	RealClock bool
	// Seed makes SIDs, jitter and probabilities repeatable.
	Seed uint64

	// DeliveryTransport carries webhook deliveries; http.DefaultTransport if nil.
	DeliveryTransport http.RoundTripper
	// DeliveryTimeout is how long (real time) a receiver may take; 5 s if zero, as Twilio's.
	DeliveryTimeout time.Duration
	// DeliveryDelay is the time between an event and its first delivery.
	DeliveryDelay time.Duration
	// DeliveryParallel is how many deliveries that are due at one instant run at once; 1 if zero, which keeps their order.
	DeliveryParallel int
	// BatchSize is the largest number of events in one request; 1 if zero. Twilio does not publish its own.
	BatchSize int
	// BatchWait is how long an incomplete batch waits for more events.
	BatchWait time.Duration
	// ChaosSeed seeds the chaos of deliveries; Seed if zero.
	ChaosSeed uint64

	// JournalSize is how many exchanges the journal keeps; 10,000 if zero. The counters are exact whatever it is.
	JournalSize int
	// JournalBodies is how many bytes of each response body the journal keeps; 4,096 if zero, none if negative.
	JournalBodies int

	// SystemDeleteAfter is the time between the end of a task and its task.system-deleted event; 5 min if zero.
	SystemDeleteAfter time.Duration
	// ExpiryLag is how long an expired Sync object stays visible, since Twilio collects them late.
	ExpiryLag time.Duration

	// Limits switches on Twilio's rate limits. All are off by default.
	Limits Limits
	// Unverified chooses between behaviours of which no source says which one Twilio has.
	Unverified Unverified
}

// Unverified holds the choices that no public source settles. Code that works with Twilio must work with each of them.
type Unverified struct {
	// GenericNotFound answers 404 with code 20404 instead of the product's own code (54100, 50300, 50350).
	GenericNotFound bool
	// GenericPrecondition answers 412 with code 20412 instead of 54103.
	GenericPrecondition bool
	// BareETag sends ETag values without quotation marks.
	BareETag bool
	// ClosedStatus is the HTTP status that carries error 50377; 400 if zero.
	ClosedStatus int
	// KeepConversation leaves the conversation open when its interaction channel is closed. By default it closes with it.
	KeepConversation bool
	// CloseChannelStatus refuses each close of an interaction channel with that status, such as 409; none is refused if zero.
	CloseChannelStatus int
	// CloseAgainStatus refuses to close an interaction channel that is closed, with that status; it is a success if zero.
	CloseAgainStatus int
	// BareInteraction shows interactions without their routing: then nothing says which conversation one is of.
	BareInteraction bool
	// ListedAttributesNull leaves the attributes out of listed tasks: "only displayed in FETCH", says the specification.
	ListedAttributesNull bool
	// IgnoreTaskFilter lists tasks as if EvaluateTaskAttributes were not there.
	IgnoreTaskFilter bool
	// RefuseTaskFilter answers 400 to every EvaluateTaskAttributes.
	RefuseTaskFilter bool
	// PageTokenLife is how long a page token is good for; for ever if zero.
	PageTokenLife time.Duration
	// PageTokenStatus answers a page token that is too old; 400 if zero.
	PageTokenStatus int
	// KeepExpiry lets TTL 0 leave date_expires as it is. By default the document then never expires.
	KeepExpiry bool
	// SignPort puts :443 into the signed URL of https deliveries.
	SignPort bool
	// SignUserinfo keeps user:password@ in the signed URL.
	SignUserinfo bool
}

// Credentials are what a client needs to call the fake and to check its signatures.
type Credentials struct {
	AccountSID string `json:"account_sid"`
	AuthToken  string `json:"auth_token"`
	APIKey     string `json:"api_key"`
	APISecret  string `json:"api_secret"`
}

// withDefaults fills in what the caller left out.
func (o Options) withDefaults() Options {
	if o.Start.IsZero() {
		o.Start = DefaultStart
		if o.RealClock {
			o.Start = time.Now()
		}
	}
	if o.DeliveryTransport == nil {
		o.DeliveryTransport = http.DefaultTransport
	}
	setDefault(&o.DeliveryTimeout, 5*time.Second)
	setDefault(&o.DeliveryParallel, 1)
	setDefault(&o.BatchSize, 1)
	setDefault(&o.ChaosSeed, o.Seed)
	setDefault(&o.JournalSize, 10_000)
	setDefault(&o.JournalBodies, 4096)
	setDefault(&o.SystemDeleteAfter, 5*time.Minute)
	setDefault(&o.Unverified.ClosedStatus, http.StatusBadRequest)
	setDefault(&o.Unverified.PageTokenStatus, http.StatusBadRequest)

	random := rand.New(rand.NewPCG(o.Seed, seedCredentials))
	setDefault(&o.AccountSID, newSID(random, "AC"))
	setDefault(&o.AuthToken, newSID(random, ""))
	setDefault(&o.APIKey, newSID(random, "SK"))
	setDefault(&o.APISecret, newSID(random, ""))
	return o
}

// setDefault sets *p to value if *p is its type's zero value.
func setDefault[T comparable](p *T, value T) {
	var zero T
	if *p == zero {
		*p = value
	}
}
