package function

// EntryPoint is the name that a function is deployed under.
type EntryPoint string

const (
	EventStreams EntryPoint = "EventStreams" // the webhook of Twilio Event Streams
	Sweep        EntryPoint = "Sweep"        // called by Cloud Scheduler
)

// Setting is one environment variable of the functions.
type Setting struct {
	Name        string
	EntryPoints []EntryPoint // the functions that read it
	Required    bool
	Default     string // as it would be written; "" if there is none
	Secret      bool   // belongs into Secret Manager
	Description string
}

// reads tells whether the function reads the setting.
func (s Setting) reads(e EntryPoint) bool {
	for _, entryPoint := range s.EntryPoints {
		if entryPoint == e {
			return true
		}
	}
	return false
}

var (
	both      = []EntryPoint{EventStreams, Sweep}
	onlyHook  = []EntryPoint{EventStreams}
	onlySweep = []EntryPoint{Sweep}
)

// settings is the one list that the parser, the docs and the Terraform tests share.
var settings = []Setting{
	{"TWILIO_ACCOUNT_SID", both, true, "", false, "The Twilio account, `AC…`."},
	{"TWILIO_API_KEY", both, false, "", false, "SID of the API key for Twilio's REST API, `SK…`. Without one the Auth Token is used."},
	{"TWILIO_API_SECRET", both, false, "", true, "Secret of the API key."},
	{"TWILIO_AUTH_TOKEN", both, false, "", true, "Auth Token: checks the signatures of Event Streams (required there), and REST credential where no API key is set."},
	{"TWILIO_AUTH_TOKEN_SECONDARY", onlyHook, false, "", true, "A second Auth Token whose signatures are accepted, while the first is rotated."},
	{"WEBHOOK_URLS", onlyHook, true, "", false, "Public URLs of the webhook, exactly as the sinks have them, separated by commas."},
	{"SYNC_SERVICE_SID", both, true, "", false, "The Sync service that holds the ledger, `IS…`."},
	{"CHAT_SERVICE_SIDS", onlySweep, true, "", false, "The chat services whose channels are retired, `IS…`, separated by commas. In Flex that is the Flex Chat Service."},
	{"DOCUMENT_PREFIX", both, false, "flexsweep-", false, "What the names of the ledger's documents begin with: letters, digits, `_` and `-`."},
	{"RETENTION", onlySweep, false, "48h", false, "How long a channel is kept after its last task ended."},
	{"RETENTION_BY_CHANNEL_TYPE", onlySweep, false, "", false, "Retention per channel type, like `web=1h,whatsapp=24h`."},
	{"RETENTION_FLOOR_OVERRIDE", onlySweep, false, "", false, "Lifts the floor of 1h under every retention, to this. For trying things out."},
	{"QUIET_PERIOD", onlySweep, false, "10m", false, "A channel is not closed or deleted while its newest message is younger than this."},
	{"CHAT_DISPOSITION", onlySweep, false, "deactivate", false, "How chat channels are retired: `deactivate` or `delete`."},
	{"CONVERSATIONS_DISPOSITION", onlySweep, false, "close", false, "How conversations are retired: `close` or `delete`."},
	{"MAX_RETIREMENTS_PER_RUN", onlySweep, false, "1000", false, "How many channels one sweep retires at most."},
	{"MAX_DUE_SHARE", onlySweep, false, "0.5", false, "A sweep is refused if a larger share of the ledger is due at once; 1 switches this off."},
	{"MAX_DUE_SHARE_MIN_RECORDS", onlySweep, false, "200", false, "Size of the ledger up to which `MAX_DUE_SHARE` does not count."},
	{"SWEEP_CONCURRENCY", onlySweep, false, "8", false, "How many channels a sweep works on at a time."},
	{"TWILIO_REQUESTS_PER_SECOND", both, false, "50", false, "Requests to Twilio that one instance makes per second at most."},
	{"TOMBSTONE_TTL", onlySweep, false, "168h", false, "How long the record of a retired channel is kept, and with it what `undo` needs; 24h to 8760h."},
	{"GOOGLE_CLOUD_PROJECT", both, false, "", false, "Project ID; with it log lines are linked to their trace."},
	{"TWILIO_BASE_URL", both, false, "", false, "A fake Twilio on this machine, like `http://127.0.0.1:8080`; the functions take their time from it, too."},
}

// Settings returns every setting of the functions.
func Settings() []Setting { return append([]Setting(nil), settings...) }
