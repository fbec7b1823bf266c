package twilio

import (
	"context"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"

	"github.com/twilio/twilio-go/client"
	chat "github.com/twilio/twilio-go/rest/chat/v2"
	conversations "github.com/twilio/twilio-go/rest/conversations/v1"
	flex "github.com/twilio/twilio-go/rest/flex/v1"
	sync "github.com/twilio/twilio-go/rest/sync/v1"
	"golang.org/x/time/rate"
)

// Config is what a [Client] needs. Zero values of the optional fields mean the defaults.
type Config struct {
	AccountSID string // AC…
	Username   string // API key SID (SK…), or the Account SID
	Password   string // API key secret, or the Auth Token

	// BaseURL replaces scheme and address of every request, and keeps its Host header:
	// a fake Twilio. Nil is Twilio itself.
	BaseURL *url.URL
	// RequestsPerSecond bounds all requests of this client together; default 50.
	RequestsPerSecond float64
	// AttemptTimeout bounds one attempt; default 10 s.
	AttemptTimeout time.Duration
	// Attempts bounds how often one request is sent; default 4.
	Attempts int

	Transport http.RoundTripper                                // default: http.DefaultTransport
	Sleep     func(ctx context.Context, d time.Duration) error // default: a real pause
	Jitter    func() float64                                   // 0 ≤ x < 1; default: math/rand/v2
}

// Client gives the API of each Twilio product, bound to a context: twilio-go's calls
// take none, so a call made through the returned value ends when ctx does.
// It is safe for concurrent use.
type Client struct {
	accountSID, username, password string

	transport *transport
}

// New returns a client. It makes no request.
func New(c Config) *Client {
	if c.RequestsPerSecond == 0 {
		c.RequestsPerSecond = 50
	}
	if c.AttemptTimeout == 0 {
		c.AttemptTimeout = 10 * time.Second
	}
	if c.Attempts == 0 {
		c.Attempts = 4
	}
	if c.Transport == nil {
		c.Transport = pooled()
	}
	if c.Sleep == nil {
		c.Sleep = sleep
	}
	if c.Jitter == nil {
		c.Jitter = rand.Float64
	}
	burst := max(1, int(c.RequestsPerSecond/10))
	return &Client{
		accountSID: c.AccountSID, username: c.Username, password: c.Password,
		transport: &transport{config: c, limiter: rate.NewLimiter(rate.Limit(c.RequestsPerSecond), burst)},
	}
}

// Sync returns the Sync v1 API bound to ctx.
func (c *Client) Sync(ctx context.Context) *sync.ApiService {
	return sync.NewApiService(c.Handler(ctx))
}

// Chat returns the Programmable Chat v2 API bound to ctx.
func (c *Client) Chat(ctx context.Context) *chat.ApiService {
	return chat.NewApiService(c.Handler(ctx))
}

// Conversations returns the Conversations v1 API bound to ctx.
func (c *Client) Conversations(ctx context.Context) *conversations.ApiService {
	return conversations.NewApiService(c.Handler(ctx))
}

// Flex returns the Flex v1 API bound to ctx.
func (c *Client) Flex(ctx context.Context) *flex.ApiService {
	return flex.NewApiService(c.Handler(ctx))
}

// Handler returns twilio-go's request handler bound to ctx, for the other products and
// for following a next_page_url verbatim. TWILIO_EDGE and TWILIO_REGION apply, as
// everywhere in twilio-go.
func (c *Client) Handler(ctx context.Context) *client.RequestHandler {
	base := &client.Client{
		Credentials: client.NewCredentials(c.username, c.password),
		HTTPClient: &http.Client{
			Transport:     bound{ctx, c.transport},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	base.SetAccountSid(c.accountSID)
	return client.NewRequestHandler(base)
}

// pooled is the default transport, that keeps enough connections for the concurrency of
// a sweep: the default's two a host would be closed and opened all the time.
func pooled() http.RoundTripper {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 64
	return transport
}

// bound gives every request its context.
type bound struct {
	ctx  context.Context
	next http.RoundTripper
}

func (b bound) RoundTrip(req *http.Request) (*http.Response, error) {
	return b.next.RoundTrip(req.WithContext(b.ctx))
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
